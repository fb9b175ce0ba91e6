import { relative } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { SandboxStartError } from './cloud/sandbox-start-error.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';

const usage = `Usage: npm start -- [options]

Serves the platform, exactly as it deploys, with a simulated J-LIS on this machine.

  --port N        the API (default 8080; 0: a free port)
  --jlis-port N   the simulated J-LIS (default 8081)
  --data DIR      keep tables, keys, objects and cards in DIR over a restart (default: in memory)
  --reader        a virtual card reader of this machine (PC/SC), on which the simulated J-LIS's cards are put
                  (Debian, root; docs/counter.md)
  --verbose       print what the functions log
  --help          this text
`;

/** The shell in which npm runs this, under `npm start`. */
const parent = process.ppid;
const stop = new AbortController();
try {
  await main();
} catch (cause) {
  if (stop.signal.aborted) process.exit(0);
  const usageError = (cause as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!(cause instanceof SandboxStartError) && !usageError) throw cause;
  process.stderr.write(`sandbox: ${(cause as Error).message}\n`);
  process.exit(usageError ? 64 : 1);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8080' },
      'jlis-port': { type: 'string', default: '8081' },
      data: { type: 'string' },
      reader: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const began = performance.now();
  process.stdout.write('Starting the sandbox …\n');
  const starting = startSandbox({
    signal: stop.signal,
    port: portOf(values.port, '--port'),
    jlisPort: portOf(values['jlis-port'], '--jlis-port'),
    dataDir: values.data,
    reader: values.reader,
    verbose: values.verbose,
    tell: (line) => process.stdout.write(`${time()} ${line}\n`),
    onEnd: (why) => {
      process.stderr.write(`${time()} ${why}\n`);
      end(1);
    },
  });
  const end = endingOnSignal(starting, stop);
  const sandbox = await starting;
  process.stdout.write(describe(sandbox, performance.now() - began, values.data));
}

/**
 * Ctrl-C, SIGTERM and the end of npm close the sandbox in order, also during the start; a second
 * signal ends it immediately.
 */
function endingOnSignal(starting: Promise<Sandbox>, stop: AbortController) {
  let asked = false;
  const end = (exitCode: number): void => {
    if (asked) process.exit(130);
    asked = true;
    process.stdout.write('\nStopping …\n');
    stop.abort();
    starting
      .then((sandbox) => sandbox.close())
      .catch(() => {})
      .finally(() => process.exit(exitCode));
  };
  const orderly = (): void => end(0);
  process.on('SIGINT', orderly).on('SIGTERM', orderly);
  if (process.env['npm_lifecycle_event'] !== undefined) onceOrphaned(orderly);
  return end;
}

/** Machine time, as in a log. */
const time = (): string => new Date().toISOString();

/** `kill` reaches npm and its shell, which end without notifying this process. */
function onceOrphaned(end: () => void): void {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    end();
  }, 500).unref();
}

function portOf(text: string, option: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new SandboxStartError(`${option} ${text} is not a port: give 0 to 65535`);
}

function bold(text: string): string {
  return styleText('bold', text);
}

function describe(sandbox: Sandbox, milliseconds: number, data: string | undefined): string {
  const { apiUrl, jlis, client, operator } = sandbox;
  const key = relative(process.cwd(), client.keyFile);
  const url = apiUrl === 'http://localhost:8080' ? '' : ` --url ${apiUrl}`;
  return `
  ${bold('API')}       ${apiUrl}        documentation: ${apiUrl}/docs
  ${bold('J-LIS')}     ${jlis.url}   simulated: OCSP, lists, linkage, cards
${jlis.reader ? `  ${bold('Reader')}    ${jlis.reader.name}   curl ${jlis.url}/control/reader -d '{"cardId":"card-1"}'\n` : ''}  ${bold('Requests')}  ${jlis.url}/requests   what happened; also: npx mykey logs
  ${bold('Client')}    ${client.clientId}   private key: ${key}
  ${bold('Operator')}  ${operator.clientId}   private key: ${relative(process.cwd(), operator.keyFile)}
  ${bold('Data')}      ${data ?? 'in memory; --data DIR keeps it'}
  ${bold('Tables')}    DynamoDB Local on port ${sandbox.cloud.tablesPort}, open on every address of this machine: it shows no
            table to whoever does not know its key, and still belongs behind a firewall

  Ready in ${(milliseconds / 1000).toFixed(1)} s. Try:

    curl -H "authorization: Bearer $(npx mykey token --key ${key}${url})" \\
      ${apiUrl}/v1/revocations/sources

  or, in another terminal, npm run demo. Ctrl-C stops it.
`;
}
