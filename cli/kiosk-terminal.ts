import { setTimeout as delay } from 'node:timers/promises';
import { serveOnePerson, type KioskPorts, type KioskScreen } from '../reader/library/kiosk.ts';
import { cliLimits } from './limits.ts';
import { failureCode } from './reading-failure.ts';
import { holderText } from './reading-text.ts';
import { exitCodes } from './run-command.ts';

const waits = {
  idleMs: cliLimits.kioskIdleMs,
  outcomeMs: cliLimits.kioskOutcomeMs,
  lookMs: cliLimits.cardLookMs,
} as const;

/**
 * Person after person, until the process is ended. Keys come from the terminal; the dialogue goes to
 * standard error.
 */
export async function runKiosk(
  ports: Pick<KioskPorts, 'agent' | 'platform' | 'nextCard' | 'cardIsGone' | 'deliver'>,
): Promise<number> {
  const keys = keysOf(process.stdin);
  const end = (): void => {
    keys.close();
    process.stderr.write(clear);
    process.exit(exitCodes.ok);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  for (;;) {
    try {
      const outcome = await serveOnePerson({ ...ports, show, nextKey: keys.next, waits });
      if ('code' in outcome && outcome.code.startsWith('reader-'))
        await delay(cliLimits.awayPauseMs);
    } catch (error) {
      show({ at: 'failed', code: failureCode(error) ?? 'internal-error' });
      await delay(cliLimits.awayPauseMs);
    }
  }
}

const show = (screen: KioskScreen): void => void process.stderr.write(drawn(screen));

/** Erases screen and scrollback, and puts the cursor home. */
const clear = '\u001b[2J\u001b[3J\u001b[H';

/** A line of double height (DECDHL, VT100 and later): its upper and its lower half. */
const large = (text: string): string => `\u001b#3${text}\r\n\u001b#4${text}\r\n`;

/** A screen from nothing: nothing of the one before stays. */
export function drawn(screen: KioskScreen): string {
  const [ja, en, more] = textsOf(screen);
  return `${clear}\r\n${large(ja)}\r\n${large(en)}\r\n${more ?? ''}\r\n`;
}

type Texts = readonly [ja: string, en: string, more?: string];

function textsOf(screen: KioskScreen): Texts {
  switch (screen.at) {
    case 'start':
      return ['カードを置いてください', 'Put your card on the reader'];
    case 'reading':
      return ['読み取っています', 'Reading'];
    case 'done':
      return ['受け付けました。カードをお取りください', 'Done. Take your card'];
    case 'pin': {
      const dots = '●'.repeat(screen.digits).padEnd(4, '○');
      const left =
        screen.triesLeft === undefined
          ? ''
          : `残り ${screen.triesLeft} 回  ${screen.triesLeft} tries left`;
      return [`暗証番号(4 桁) ${dots}`, 'PIN (four digits)', left];
    }
    default: {
      const { code } = screen;
      const text = holderText(code) ?? ['職員にお声がけください', 'Please ask the staff'];
      return ['受け付けられませんでした', 'Not accepted', `${text.join('\r\n')}\r\n${code}`];
    }
  }
}

/** Keys of a terminal; what was typed while nobody was asked is dropped. */
function keysOf(input: NodeJS.ReadStream) {
  let take: ((key: string) => void) | undefined;
  if (input.isTTY) input.setRawMode(true);
  input.on('data', (chunk: Buffer) => {
    for (const character of chunk.toString('latin1')) {
      if (character === '\u0003') process.kill(process.pid, 'SIGINT');
      else if (character === '\u001b') take?.('cancel');
      else if (character === '\u007f' || character === '\b') take?.('back');
      else if (character >= '0' && character <= '9') take?.(character);
    }
  });
  return {
    next: (signal: AbortSignal): Promise<string | undefined> =>
      new Promise((resolve) => {
        const answer = (key: string | undefined): void => {
          take = undefined;
          resolve(key);
        };
        take = answer;
        signal.addEventListener('abort', () => answer(undefined), { once: true });
      }),
    close: (): void => {
      if (input.isTTY) input.setRawMode(false);
      input.pause();
    },
  };
}
