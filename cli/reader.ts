import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { startAgent } from '../reader/agent/agent-server.ts';
import { Pairing } from '../reader/agent/pairing.ts';
import { platformAt } from '../reader/agent/platform-client.ts';
import { lookAtCard, readCard } from '../reader/core/read-card.ts';
import { ReaderError } from '../reader/core/reader-error.ts';
import { openNativePcsc } from '../reader/pcsc/native-pcsc.ts';
import { PcscReaders } from '../reader/pcsc/pcsc-readers.ts';
import { pluggedInReaders } from '../reader/pcsc/usb-readers.ts';
import { agentVersion, defaultPort, protocolVersion } from '../reader/protocol.ts';
import { readClientKey } from './client-key.ts';
import { PlatformClient } from './platform-client.ts';
import { readTerminalFile, writeTerminalFile } from './terminal-file.ts';
import { CommandFailure, exitCodes, required, runCommand } from './run-command.ts';

export const name = 'reader';
export const summary = 'read My Number Cards at a counter: the agent between page and card reader';

const usage = `
Usage: npx mykey reader --platform URL --origin ORIGIN [--pair]
       npx mykey reader list
       npx mykey reader try [--reader NAME] [--pin]
       npx mykey reader unpair [--origin ORIGIN]
       npx mykey reader pair --platform URL --code CODE
       npx mykey reader pairings [add NAME [--unattended] | revoke ID] --key FILE [--url URL]

The first form runs the agent on this machine's loopback until it is stopped (docs/counter.md).

  --platform URL   the platform, over https (http only on loopback)
  --origin ORIGIN  a page that may use the reader, e.g. https://counter.example; may be repeated
  --pair           show a code of eight digits that pairs one page; good once, for five minutes
  --port N         loopback port (default ${defaultPort})
  --pairings FILE  where pairings are kept (default ~/.config/my-key/reader.json)
  --terminal FILE  where this machine's own pairing is kept (default ~/.config/my-key/terminal.json)
  --reader NAME    this reader, by its name or a part of it (default: the one with a card)
  --seconds N      how long "try" waits for a card (default 20)
  --version        the program's version and that of its protocol
  --pin            "try" also asks for the PIN, on standard input, and lets the card sign

  list    the readers and whether a card lies on each
  try     read a card without any platform, and say what it offers and how many tries are left
  unpair  forget the pairings of a page, or all
  pair    make this machine a terminal of a service, with the code that "pairings add" showed
  pairings
          for the service, with its client's key (--key): the terminals that are paired with it; add
          one, which shows a code that is good once, for an hour; revoke one, at once.
          --unattended: a kiosk without staff, which reads no card without its PIN

端末の登録: サービス側で pairings add 名前 を実行して登録コードを得て、窓口の端末で pair --code を実行する。
職員のいない端末は --unattended を付けて登録する(暗証番号なしの読み取りはできない)。
登録の取消しは pairings revoke ID(その端末は、次の読み取りから使えない)。
`;

const here = 'npx mykey reader';

/** `call`: how a person starts this command, which differs in the single executable. */
export function run(argv: string[], call = here): Promise<number> {
  const title = call === here ? `mykey ${name}` : call;
  const action = async (): Promise<number> => {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        platform: { type: 'string' },
        origin: { type: 'string', multiple: true },
        pair: { type: 'boolean', default: false },
        port: { type: 'string', default: String(defaultPort) },
        pairings: { type: 'string' },
        unattended: { type: 'boolean', default: false },
        terminal: { type: 'string' },
        code: { type: 'string' },
        key: { type: 'string' },
        client: { type: 'string' },
        url: { type: 'string', default: 'http://localhost:8080' },
        reader: { type: 'string' },
        seconds: { type: 'string', default: '20' },
        pin: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
      },
    });
    const pairings = values.pairings ?? join(homedir(), '.config', 'my-key', 'reader.json');
    const terminalFile = values.terminal ?? join(homedir(), '.config', 'my-key', 'terminal.json');
    const [verb = 'serve', ...more] = positionals;
    if (values.version) {
      console.log(`${title} ${agentVersion}, protocol ${protocolVersion}`);
      return exitCodes.ok;
    }
    if (more.length > 0 && verb !== 'pairings')
      throw new CommandFailure('one verb at a time', exitCodes.usage);
    try {
      switch (verb) {
        case 'list':
          return await list();
        case 'try':
          return await tryCard(values.reader, Number(values.seconds) * 1000, values.pin);
        case 'unpair':
          return unpair(pairings, values.origin ?? []);
        case 'pair':
          return await pair(
            required(values.platform, '--platform'),
            required(values.code, '--code'),
            terminalFile,
          );
        case 'pairings':
          return await terminalPairings(values, more);
        case 'serve':
          return await serve({
            platform: required(values.platform, '--platform'),
            origins: required(values.origin, '--origin').map(originOf),
            port: portOf(values.port),
            pairings,
            terminalFile,
            pair: values.pair,
          });
        default:
          throw new CommandFailure(`no verb "${verb}"`, exitCodes.usage);
      }
    } catch (error) {
      if (error instanceof ReaderError) throw failureOf(error);
      throw error;
    }
  };
  return runCommand(name, usage.replaceAll(here, call), argv, action, { title, call });
}

const openReaders = (): PcscReaders =>
  new PcscReaders(openNativePcsc(), { withoutDriver: pluggedInReaders });

async function withReaders<T>(use: (readers: PcscReaders) => Promise<T>): Promise<T> {
  const readers = openReaders();
  try {
    return await use(readers);
  } finally {
    await readers.close();
  }
}

const list = (): Promise<number> =>
  withReaders(async (readers) => {
    for (const { name: reader, card } of await readers.list()) {
      console.log(`${card.padEnd(11)}  ${reader}`);
    }
    return exitCodes.ok;
  });

const tryCard = (reader: string | undefined, timeoutMs: number, askPin: boolean): Promise<number> =>
  withReaders(async (readers) => {
    console.error('put the card on the reader');
    const port = await readers.waitForCard({
      timeoutMs,
      ...(reader === undefined ? {} : { reader }),
    });
    const overview = await lookAtCard(port);
    const { medium, triesLeft, chip, attributes, pinPad, fingerprint } = overview;
    console.log(`reader                   ${port.reader}${pinPad ? ' (PIN pad)' : ''}`);
    console.log(`medium                   ${medium}`);
    console.log(`without PIN              ${chip ? 'possible' : 'not possible'}`);
    console.log(`four attributes          ${attributes ? 'present' : 'not present'}`);
    for (const [credential, tries] of Object.entries(triesLeft)) {
      console.log(`tries, ${credential.padEnd(21)} ${tries}`);
    }
    if (chip) {
      const held = { chipChallenge: randomBytes(32), credentials: {}, roots: [], fingerprint };
      await readCard(port, held);
      console.log('chip                     answered a challenge (whose chip, a platform tells)');
    }
    if (askPin) {
      const pin = await lineFrom(process.stdin);
      await readCard(port, {
        challenge: randomBytes(32),
        credentials: { userAuthenticationPin: pin },
        roots: [],
        fingerprint,
      });
      console.log('signature                fits the certificate (its validity, a platform tells)');
    }
    return exitCodes.ok;
  });

async function lineFrom(input: NodeJS.ReadStream): Promise<string> {
  if (input.isTTY) console.error('PIN (four digits; shown as you type):');
  const lines = createInterface({ input });
  try {
    for await (const line of lines) return line.trim();
    return '';
  } finally {
    lines.close();
  }
}

function unpair(path: string, origins: readonly string[]): number {
  const pairing = new Pairing(path);
  const revoked =
    origins.length === 0
      ? pairing.revoke()
      : origins.reduce((sum, origin) => sum + pairing.revoke(originOf(origin)), 0);
  console.log(`${revoked} pairings revoked; an agent that runs forgets them when it is restarted`);
  return exitCodes.ok;
}

async function pair(platform: string, code: string, file: string): Promise<number> {
  const { terminalId, name: called, token } = await platformAt(platform).pair(code);
  writeTerminalFile(file, { platform, terminalId, token });
  console.log(`this machine is the terminal "${called}" (${terminalId})`);
  return exitCodes.ok;
}

interface TerminalBody {
  readonly terminalId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly pairedAt?: string;
  readonly pairingCode?: string;
}

/** The platform's side of pairings, with the key of the service's client. */
async function terminalPairings(
  values: {
    readonly key?: string;
    readonly client?: string;
    readonly url: string;
    readonly unattended: boolean;
  },
  [act, operand, ...more]: readonly string[],
): Promise<number> {
  const isKnown = act === undefined || act === 'add' || act === 'revoke';
  if (!isKnown || more.length > 0 || (act === undefined) !== (operand === undefined)) {
    throw new CommandFailure('pairings, pairings add NAME or pairings revoke ID', exitCodes.usage);
  }
  const key = await readClientKey(required(values.key, '--key'), undefined);
  const clientId = required(values.client ?? key.clientId, '--client');
  const platform = new PlatformClient({ url: values.url, clientId, key });
  if (act === 'add') {
    const made = await platform.request<TerminalBody>('POST', '/v1/terminals', {
      name: operand,
      unattended: values.unattended,
    });
    console.log(`${made.terminalId}  ${made.name}`);
    console.log(`npx mykey reader pair --platform ${values.url} --code ${made.pairingCode}`);
  } else if (act === 'revoke') {
    await platform.request('DELETE', `/v1/terminals/${encodeURIComponent(operand!)}`);
    console.log(`${operand} revoked`);
  } else {
    const { terminals } = await platform.request<{ terminals: readonly TerminalBody[] }>(
      'GET',
      '/v1/terminals',
    );
    for (const { terminalId, name: called, pairedAt } of terminals) {
      console.log(`${terminalId}  ${(pairedAt ?? 'not paired yet').padEnd(20)}  ${called}`);
    }
  }
  return exitCodes.ok;
}

async function serve(options: {
  readonly platform: string;
  readonly origins: readonly string[];
  readonly port: number;
  readonly pairings: string;
  readonly terminalFile: string;
  readonly pair: boolean;
}): Promise<number> {
  const terminal = readTerminalFile(options.terminalFile, options.platform);
  const readers = openReaders();
  const pairing = new Pairing(options.pairings);
  const agent = await startAgent({
    port: options.port,
    origins: options.origins,
    pairing,
    readers,
    platform: platformAt(options.platform, terminal?.token),
  });
  console.log(`reader agent on http://127.0.0.1:${agent.port}, for ${options.origins.join(', ')}`);
  if (terminal === undefined) {
    console.log(
      'this machine is not paired with a service of that platform: npx mykey reader pair',
    );
  }
  if (options.pair) console.log(`pairing code: ${pairing.open()} (five minutes, once)`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await agent.close();
  await readers.close();
  return exitCodes.ok;
}

function originOf(text: string): string {
  const url = URL.parse(text);
  if (url && url.origin === text) return text;
  throw new CommandFailure(`--origin ${text} is no origin (https://host)`, exitCodes.usage);
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new CommandFailure(`--port ${text} is no port`, exitCodes.usage);
}

function failureOf({ code, cure, details }: ReaderError): CommandFailure {
  const { triesLeft, devices, statusWord, pcscCode } = details;
  const more = [
    ...(triesLeft === undefined ? [] : [`tries left: ${triesLeft}`]),
    ...(devices ? [devices.join(', ')] : []),
    ...(statusWord === undefined ? [] : [`card: ${statusWord}`]),
    ...(pcscCode === undefined ? [] : [`PC/SC: ${pcscCode}`]),
  ];
  const said = more.length > 0 ? ` (${more.join('; ')})` : '';
  return new CommandFailure(
    `${code}${said}: ${cure.en}\n${cure.ja}`,
    code.startsWith('reader-') ? exitCodes.unavailable : exitCodes.failed,
  );
}
