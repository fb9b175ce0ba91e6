import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { RequestRecord } from '../sandbox/requests/request-log.ts';
import { sandboxFor } from './running-sandbox.ts';
import { cliLimits } from './limits.ts';
import { CommandFailure, exitCodes, runCommand } from './run-command.ts';

export const name = 'logs';
export const summary =
  'list requests to a running sandbox: route, status, code, client, request id';

const usage = `
Usage: npx mykey logs [--follow] [--since 10m|TIME] [--client ID] [--route TEXT] [--json] [--url URL]
起動中のサンドボックスへの要求の記録(経路、結果、コード、クライアント、要求の番号)

  --follow, -f    continue with new requests; Ctrl-C ends it
  --since WHEN    only requests since then: 30s, 10m, 2h, or a time (RFC 3339)
  --client ID     only requests of this client
  --route TEXT    only requests whose method and route contain this: challenges, "POST /v1"
  --json          one JSON object per line
  --url URL       which sandbox (default: the one at port 8080, else any that runs)

Each line: time, status, code, route, client, duration, request id. A response contains its request id
names in the header X-Request-Id and, where it refuses, in "instance". No personal data is stored.
The same for people: the page /requests of the simulated J-LIS (npm start says where).

On AWS the same stands in CloudWatch; docs/runbook.md, "What happened to a request", has the commands:

  aws logs tail ACCESS_LOG_GROUP --since 10m --follow --filter-pattern '{ $.status >= 400 }'

Exit code: 0; 64 wrong usage; 69 no sandbox answers
`;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values } = parseArgs({
      args: argv,
      options: {
        follow: { type: 'boolean', short: 'f', default: false },
        since: { type: 'string' },
        client: { type: 'string' },
        route: { type: 'string' },
        json: { type: 'boolean', default: false },
        url: { type: 'string' },
      },
    });
    const url = values.url?.replace(/\/$/, '');
    const sandbox = await sandboxFor(url, '; on AWS: aws logs tail (--help)');
    const ask = new URL('/requests.json', sandbox.jlisUrl);
    if (values.since !== undefined)
      ask.searchParams.set(
        'since',
        new Date(await sinceOf(values.since, sandbox.apiUrl)).toISOString(),
      );
    if (values.client !== undefined) ask.searchParams.set('client', values.client);
    if (values.route !== undefined) ask.searchParams.set('route', values.route);
    const print = values.json ? printJson : printLine;
    for (;;) {
      const records = await recordsOf(ask);
      records.forEach(print);
      const last = records.at(-1);
      if (last !== undefined) ask.searchParams.set('after', String(last.sequence));
      if (!values.follow) return exitCodes.ok;
      await delay(cliLimits.pollMs);
    }
  });
}

/**
 * Milliseconds since 1970. A duration counts back from the platform's clock, which may have been
 * moved.
 */
async function sinceOf(text: string, apiUrl: string): Promise<number> {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (unit === undefined) {
    const at = Date.parse(text);
    if (!Number.isNaN(at)) return at;
    throw new CommandFailure(`--since ${text}: write 30s, 10m, 2h or a time`, exitCodes.usage);
  }
  const status = await fetch(new URL('/v1/status', apiUrl));
  const { time } = (await status.json()) as { readonly time: string };
  return Date.parse(time) - Number(amount) * unitMs[unit as keyof typeof unitMs];
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

async function recordsOf(url: URL): Promise<readonly RequestRecord[]> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(cliLimits.callTimeoutMs) });
    return ((await response.json()) as { requests: readonly RequestRecord[] }).requests;
  } catch (cause) {
    throw new CommandFailure('the sandbox has ended', exitCodes.unavailable, { cause });
  }
}

const printJson = (record: RequestRecord): void => console.log(JSON.stringify(record));

function printLine(record: RequestRecord): void {
  const { time, status, code = '-', route, clientId = '-', durationMs, requestId } = record;
  console.log(`${time} ${status} ${code} ${route} ${clientId} ${durationMs} ms ${requestId}`);
}
