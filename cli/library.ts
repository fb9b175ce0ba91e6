import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { platformAt } from '../reader/agent/platform-client.ts';
import { userNumberOfHeldCard, type HeldCard } from '../reader/library/held-card.ts';
import { loanLine, type LoanLineFormat } from '../reader/library/loan-line.ts';
import { openNativePcsc } from '../reader/pcsc/native-pcsc.ts';
import { PcscReaders } from '../reader/pcsc/pcsc-readers.ts';
import { pluggedInReaders } from '../reader/pcsc/usb-readers.ts';
import { readClientKey } from './client-key.ts';
import { heldCardOrCode, libraryPlatform, writeAnswer } from './library-answer.ts';
import { PlatformClient } from './platform-client.ts';
import { cliLimits } from './limits.ts';
import { CommandFailure, exitCodes, required, runCommand } from './run-command.ts';
import { readTerminalFile } from './terminal-file.ts';
import { runKiosk } from './kiosk-terminal.ts';
import { typeLine } from './type-line.ts';

export const name = 'library';
export const summary = 'turn a held card into a library user number: keyboard line, CSV or HTTP';

const usage = `
Usage: npx mykey library --key FILE --url URL [options]

Waits for a card on the reader, has the platform recognise it without a PIN (with --kiosk: with it), and
gives the number that the service has linked to the person. The machine must be paired (npx mykey reader pair).

  --key FILE         the key of the service's client
  --client ID        its client id (default: the key file's client_id)
  --url URL          the platform (default http://localhost:8080)
  --terminal FILE    this machine's pairing (default ~/.config/my-key/terminal.json)
  --reader NAME      this reader, by its name or a part of it
  --once             one card, then end; without it card after card
  --seconds N        with --once: how long to wait for a card (default 20)
  --output line|csv  the number alone (default), or time and number
  --suffix enter|tab|none
                     after a line (default enter)
  --encoding utf-8|shift_jis
                     of the output (default utf-8)
  --kiosk            without staff: card and PIN, nobody confirms, back to the start by itself. Lines go to
                     standard output, which must not be the screen; the dialogue to standard error
  --type             type each line into the window that has the focus (X11, with xdotool)
  --serve PORT       answer GET http://127.0.0.1:PORT/read with JSON instead of writing lines

Nothing is written for a card that is not recognised; the code and its cure go to standard error. Without
an answer of the platform nobody is recognised: nothing is kept on this machine. Where the responder is
out of service, the platform asks its lists.

使い方: npx mykey library --key FILE --url URL [オプション]

かざされたカードを利用者番号に変えて出力します。認識できないカードでは何も出力せず、理由を標準エラーに
示します。プラットフォームから答えがないときは、誰も認識しません(この端末には何も残しません)。

  --key FILE         サービスのクライアント鍵
  --client ID        クライアント ID(既定: 鍵ファイルの client_id)
  --url URL          プラットフォーム
  --terminal FILE    この端末の登録
  --reader NAME      使うリーダー(名前の一部でもよい)
  --once             一枚だけ読んで終わる。付けなければ続けて読む
  --seconds N        --once のとき、カードを待つ秒数(既定 20)
  --output line|csv  番号だけの行(既定)、または日時と番号
  --suffix enter|tab|none
                     行の終わり(既定 enter)
  --encoding utf-8|shift_jis
                     文字コード(既定 utf-8)
  --kiosk            職員のいない端末。カードと暗証番号で使い、確認の操作はなく、自動で最初の画面に戻る
  --type             選ばれている窓に行を打ち込む(X11 と xdotool)
  --serve PORT       GET http://127.0.0.1:PORT/read に JSON で答える

終了コード(--once): 0 番号を出力した、1 カードを認識しなかった、64 使い方の誤り、69 リーダーまたは
プラットフォームが答えない。

Exit code with --once: 0 a number was written, 1 the card was not recognised, 64 wrong usage, 69 reader or
platform do not answer.
`;

const options = {
  key: { type: 'string' },
  client: { type: 'string' },
  url: { type: 'string', default: 'http://localhost:8080' },
  terminal: { type: 'string' },
  reader: { type: 'string' },
  once: { type: 'boolean', default: false },
  kiosk: { type: 'boolean', default: false },
  type: { type: 'boolean', default: false },
  seconds: { type: 'string', default: '20' },
  output: { type: 'string', default: 'line' },
  suffix: { type: 'string', default: 'enter' },
  encoding: { type: 'string', default: 'utf-8' },
  serve: { type: 'string' },
} as const;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values } = parseArgs({ args: argv, options });
    const format: LoanLineFormat = {
      output: oneOf(values.output, '--output', ['line', 'csv']),
      suffix: oneOf(values.suffix, '--suffix', ['enter', 'tab', 'none']),
      encoding: oneOf(values.encoding, '--encoding', ['utf-8', 'shift_jis']),
    };
    const key = await readClientKey(required(values.key, '--key'), undefined);
    const clientId = required(values.client ?? key.clientId, '--client');
    const platform = libraryPlatform(new PlatformClient({ url: values.url, clientId, key }));
    const file = values.terminal ?? join(homedir(), '.config', 'my-key', 'terminal.json');
    const agent = platformAt(values.url, readTerminalFile(file, values.url)?.token);
    const readers = new PcscReaders(openNativePcsc(), { withoutDriver: pluggedInReaders });
    const chosen = values.reader === undefined ? {} : { reader: values.reader };
    if (values.kiosk && (values.once || values.serve !== undefined)) {
      throw new CommandFailure('--kiosk goes with neither --once nor --serve', exitCodes.usage);
    }
    if (values.kiosk && !values.type && process.stdout.isTTY) {
      throw new CommandFailure(
        '--kiosk: send standard output to a program or file, or use --type: on the screen it would show the number',
        exitCodes.usage,
      );
    }
    if (values.type && (values.output === 'csv' || values.serve !== undefined)) {
      throw new CommandFailure('--type types lines: neither CSV nor --serve', exitCodes.usage);
    }
    const deliver = async (userNumber: string): Promise<void> => {
      if (values.type) return typeLine(userNumber, format.suffix);
      process.stdout.write(loanLine(userNumber, Date.now(), format));
    };
    const next = (timeoutMs: number): Promise<HeldCard> =>
      // Card after card goes on: the next card asks again.
      heldCardOrCode(async () => {
        const card = await readers.waitForCard({ timeoutMs, ...chosen });
        return userNumberOfHeldCard(card, agent, platform);
      });
    try {
      if (values.serve !== undefined) return await serve(Number(values.serve), next);
      if (values.kiosk) {
        return await runKiosk({
          agent,
          platform,
          nextCard: () => readers.waitForCard({ timeoutMs: cliLimits.cardWaitMs, ...chosen }),
          cardIsGone: () => cardIsGone(readers),
          deliver,
        });
      }
      if (values.once) return await writeAnswer(await next(Number(values.seconds) * 1000), deliver);
      return await cardAfterCard(next, () => cardIsGone(readers), deliver);
    } finally {
      await readers.close();
    }
  });
}

function oneOf<const T extends string>(given: string, option: string, known: readonly T[]): T {
  const found = known.find((each) => each === given);
  if (found !== undefined) return found;
  throw new CommandFailure(`${option} is one of ${known.join(', ')}`, exitCodes.usage);
}

/** Card after card; the same card counts again only after it was taken away. */
async function cardAfterCard(
  next: (timeoutMs: number) => Promise<HeldCard>,
  gone: () => Promise<boolean>,
  deliver: (userNumber: string) => Promise<void>,
): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(exitCodes.ok));
  }
  for (;;) {
    const held = await next(cliLimits.cardWaitMs);
    if ('code' in held && held.code === 'card-absent') continue;
    const exitCode = await writeAnswer(held, deliver);
    // Reader or platform are away: ask again at the pace of a person.
    if (exitCode === exitCodes.unavailable) await delay(cliLimits.awayPauseMs);
    while (!(await gone())) await delay(cliLimits.cardLookMs);
  }
}

const cardIsGone = async (readers: PcscReaders): Promise<boolean> => {
  const seen = await readers.list().catch(() => []);
  return seen.every(({ card }) => card !== 'present' && card !== 'mute');
};

/** One card for each request of a program on this machine; pages of browsers are refused. */
async function serve(
  port: number,
  next: (timeoutMs: number) => Promise<HeldCard>,
): Promise<number> {
  let isBusy = false;
  const server = createServer((request, response) => {
    const answer = (status: number, body: object): void =>
      void response
        .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
        .end(JSON.stringify(body));
    const { host, origin, 'sec-fetch-site': site } = request.headers;
    const isOwn = [`127.0.0.1:${port}`, `localhost:${port}`].includes(host ?? '');
    if (!isOwn || origin !== undefined || (site !== undefined && site !== 'none')) {
      return answer(403, { code: 'origin-refused' });
    }
    if (request.method !== 'GET' || request.url !== '/read') {
      return answer(404, { code: 'request-invalid' });
    }
    if (isBusy) return answer(409, { code: 'reading-in-progress' });
    isBusy = true;
    next(cliLimits.cardWaitMs)
      .then((held) => answer('userNumber' in held ? 200 : 422, held))
      .catch(() => answer(500, { code: 'internal-error' }))
      .finally(() => {
        isBusy = false;
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  console.error(`library numbers on http://127.0.0.1:${port}/read`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  server.closeAllConnections();
  server.close();
  return exitCodes.ok;
}
