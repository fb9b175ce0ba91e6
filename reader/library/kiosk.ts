import { setTimeout as delay } from 'node:timers/promises';
import type { ReadingPlatform } from '../agent/platform-client.ts';
import type { CardPort } from '../core/card-port.ts';
import { ReaderError } from '../core/reader-error.ts';
import { userNumberOfCard, type HeldCard, type LibraryPlatform } from './held-card.ts';

/** What a kiosk shows; nothing of it tells who stands there. */
export type KioskScreen =
  | { readonly at: 'start' | 'reading' | 'done' }
  /** Digits that were entered, as a number of dots, and the tries that the card has left. */
  | { readonly at: 'pin'; readonly digits: number; readonly triesLeft?: number }
  | { readonly at: 'failed'; readonly code: string };

/** The machine in front of the person. */
export interface KioskPorts {
  readonly agent: ReadingPlatform;
  readonly platform: LibraryPlatform;
  /** @throws ReaderError `card-absent` after a while without a card */
  readonly nextCard: () => Promise<CardPort>;
  readonly cardIsGone: () => Promise<boolean>;
  /** Replaces everything that was shown before. */
  readonly show: (screen: KioskScreen) => void;
  /** A digit, `back` or `cancel`; undefined once `signal` aborts. */
  readonly nextKey: (signal: AbortSignal) => Promise<string | undefined>;
  /** Gives the number to the library's system. */
  readonly deliver: (userNumber: string) => void | Promise<void>;
  readonly waits: KioskWaits;
}

export interface KioskWaits {
  /** Without a key: the reading ends as `pinpad-timeout`. */
  readonly idleMs: number;
  /** How long the outcome stays before the start is shown again, card taken away or not. */
  readonly outcomeMs: number;
  /** Between two looks whether the card was taken away. */
  readonly lookMs: number;
}

const pinDigits = 4;

/**
 * One person at a kiosk without staff: card, PIN, outcome, and back to the start. Nobody confirms
 * anything. The card's last try is never used: who has one try left goes to the staff.
 */
export async function serveOnePerson(ports: KioskPorts): Promise<HeldCard> {
  const { show, waits } = ports;
  show({ at: 'start' });
  const outcome = await readPerson(ports);
  // A kiosk at which nobody stood shows the start, as before.
  if ('code' in outcome && outcome.code === 'card-absent') return outcome;
  show('code' in outcome ? { at: 'failed', code: outcome.code } : { at: 'done' });
  await delay(waits.outcomeMs);
  show({ at: 'start' });
  while (!(await ports.cardIsGone())) await delay(waits.lookMs);
  return outcome;
}

async function readPerson(ports: KioskPorts): Promise<HeldCard> {
  try {
    const card = await ports.nextCard();
    const outcome = await userNumberOfCard('pin', card, ports.agent, ports.platform, {
      nextEntry: async (triesLeft) => ({
        readingId: 'kiosk',
        credentials: { userAuthenticationPin: await enterPin(triesLeft, ports) },
        useLastTry: [],
      }),
    });
    if ('userNumber' in outcome) await ports.deliver(outcome.userNumber);
    return outcome;
  } catch (error) {
    if (error instanceof ReaderError) return { code: error.code };
    throw error;
  }
}

/** @throws ReaderError `cancelled`; `pinpad-timeout` after `idleMs` without a key; `pin-last-try` */
async function enterPin(
  triesLeft: number | undefined,
  { show, nextKey, waits }: KioskPorts,
): Promise<string> {
  if (triesLeft !== undefined && triesLeft <= 1) throw new ReaderError('pin-last-try');
  let entered = '';
  for (;;) {
    show({
      at: 'pin',
      digits: entered.length,
      ...(triesLeft !== undefined && { triesLeft }),
    });
    const key = await nextKey(AbortSignal.timeout(waits.idleMs));
    if (key === undefined) throw new ReaderError('pinpad-timeout');
    if (key === 'cancel') throw new ReaderError('cancelled');
    if (key === 'back') entered = entered.slice(0, -1);
    else if (/^\d$/.test(key)) entered += key;
    if (entered.length < pinDigits) continue;
    show({ at: 'reading' });
    return entered;
  }
}
