import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeTerminalFile } from '../../cli/terminal-file.ts';
import { platformAt } from '../../reader/agent/platform-client.ts';
import { userNumberOfHeldCard, type HoldOutcome } from '../../reader/library/held-card.ts';
import { loanLine } from '../../reader/library/loan-line.ts';
import type { ChipContents } from '../card/personalise.ts';
import type { Sandbox } from '../sandbox.ts';
import type { DemoReader } from './demo-reader.ts';
import type { Narrator } from './narrator.ts';
import type { PlatformSession } from './platform-session.ts';
import { briefSession, pairTerminal, readCard, registerReadingService } from './reading-service.ts';

interface LibraryScene {
  readonly narrator: Narrator;
  readonly sandbox: Sandbox;
  readonly operator: PlatformSession;
  /** For the library's key file and its machine's pairing. */
  readonly folder: string;
  readonly reader: DemoReader;
  readonly contents: ChipContents;
}

const userNumber = 'L-0042';

/** A library: a My Key ID at the counter, a register, and a loan by the card alone. */
export async function tellLibraryLoan(scene: LibraryScene): Promise<void> {
  const { narrator, sandbox, operator, folder, reader, contents } = scene;
  const url = sandbox.apiUrl;
  narrator.chapter(
    'A library: one My Key ID instead of a PPID',
    '図書館：PPID の代わりに一つの My Key ID',
  );
  const { service, keyFile } = await registerReadingService(
    narrator,
    sandbox,
    operator,
    'library',
    folder,
  );
  const terminal = await pairTerminal(url, service, '貸出1');
  const agent = platformAt(url, terminal.token);
  const issued = await readCard(
    { narrator, service, agent },
    await reader.put(contents),
    'pin',
    {
      userAuthenticationPin: contents.jpki.pin.value,
      birthDate: contents.surface!.birthDate.value,
    },
    { enrolChip: true, myKeyId: {} },
  );
  const myKeyId = String(issued['myKeyId']);
  narrator.proves(
    myKeyId.length === 8 && issued['ppid'] === undefined,
    'the card and its PIN: a My Key ID is issued, and the library gets no PPID',
    'カードと暗証番号により My Key ID を発行した。図書館に PPID は渡らない',
  );

  narrator.chapter(
    'The library’s register, checked before it is written',
    '図書館の台帳を、書き込む前に確かめる',
  );
  const mistyped = myKeyId.slice(0, 7) + (myKeyId.endsWith('2') ? '3' : '2');
  const rows = [
    { myKeyId: `${myKeyId.slice(0, 4)}-${myKeyId.slice(4)}`.toLowerCase(), userNumber },
    { myKeyId: mistyped, userNumber: 'L-0043' },
  ];
  const planned = await service.call('POST', '/v1/library-links/import', { dryRun: true, rows });
  const [first, second] = planned.body['rows'] as { outcome: string; code?: string }[];
  const before = await service.call('POST', '/v1/library-links/lookup', { userNumber });
  narrator.proves(
    first?.outcome === 'linked' && second?.code === 'request-invalid' && before.status === 404,
    'a dry run: one row would be linked, the mistyped My Key ID is named, nothing is written',
    '試行：一行は紐付けられ、打ち間違えた My Key ID は行ごとに示され、何も書かれない',
  );
  const linked = await service.call('POST', '/v1/library-links', { myKeyId, userNumber });
  narrator.proves(
    linked.body['outcome'] === 'linked',
    `${userNumber} is this person`,
    `${userNumber} はこの人の番号`,
  );

  narrator.chapter(
    'A library loan: the held card types its number',
    '図書館の貸出。かざしたカードが番号を打ち込む',
  );
  const card = await reader.put(contents);
  const line = reader.isShared
    ? await lineOfProgram(scene, keyFile, terminal)
    : await lineInProcess();
  narrator.proves(
    line === `${userNumber}\r\n`,
    `npx mykey library types "${userNumber}" and Enter: the library’s system is unchanged`,
    `npx mykey library が「${userNumber}」と Enter を打ち込む。図書館のシステムは変えなくてよい`,
  );

  /** What the program does, on a reader that only this process sees. */
  async function lineInProcess(): Promise<string> {
    const loan = await userNumberOfHeldCard(card, agent, {
      open: async (mode) =>
        (await service.call('POST', '/v1/reading-sessions', { mode }, briefSession)).body as {
          readonly sessionId: string;
          readonly ticket: string;
        },
      outcome: async (sessionId) =>
        (await service.call('GET', `/v1/reading-sessions/${sessionId}`)).body[
          'result'
        ] as HoldOutcome,
      userNumber: async (person) =>
        String((await service.call('POST', '/v1/library-links/lookup', person)).body['userNumber']),
    });
    if (!('userNumber' in loan)) return loan.code;
    const format = { output: 'line', suffix: 'enter', encoding: 'utf-8' } as const;
    return Buffer.from(loanLine(loan.userNumber, Date.now(), format)).toString();
  }
}

const program = fileURLToPath(new URL('../../cli/mykey.mjs', import.meta.url));

/** What `npx mykey library --once` writes for the card that lies on the PC/SC reader. */
async function lineOfProgram(
  { narrator, sandbox, folder }: LibraryScene,
  keyFile: string,
  terminal: { readonly terminalId: string; readonly token: string },
): Promise<string> {
  const terminalFile = join(folder, 'terminal.json');
  writeTerminalFile(terminalFile, { platform: sandbox.apiUrl, ...terminal });
  const given = ['--key', keyFile, '--url', sandbox.apiUrl, '--terminal', terminalFile];
  narrator.say(
    '$ npx mykey library --once --key FILE --url URL --terminal FILE',
    '図書館の端末で実行するコマンドそのもの：',
  );
  const child = spawn(process.execPath, [program, 'library', '--once', ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const written: Buffer[] = [];
  child.stdout.on('data', (octets: Buffer) => written.push(octets));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const line = Buffer.concat(written).toString();
  narrator.answered(exitCode === 0 ? 'exit 0' : 'failed', { standardOutput: line });
  return line;
}
