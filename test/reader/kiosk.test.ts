import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drawn } from '../../cli/kiosk-terminal.ts';
import type { HoldOutcome } from '../../reader/library/held-card.ts';
import { serveOnePerson, type KioskPorts, type KioskScreen } from '../../reader/library/kiosk.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { openCounter } from '../capabilities/reading-sessions/counter.ts';
import { libraryCaller as caller } from '../capabilities/gateway-event.ts';
import type { IssuedCard } from './support/cards.ts';

let counter: Awaited<ReturnType<typeof openCounter>>;
let agent: Awaited<ReturnType<typeof counter.pairedAs>>['agent'];
let tanaka: IssuedCard;
beforeAll(async () => {
  counter = await openCounter();
  tanaka = await counter.issue();
  const { result } = await counter.read(tanaka.contents, 'pin', { caller, myKeyId: {} });
  const { myKeyId } = result as { myKeyId: string };
  await counter.call('put-library-link', { myKeyId, userNumber: 'L-0042' }, { caller });
  ({ agent } = await counter.pairedAs(caller, true));
});
afterAll(() => counter.close());

/** Enters these keys, then none; what was shown and delivered. */
async function visit(keys: readonly string[], { contents } = tanaka, virtual?: VirtualCard) {
  const shown: KioskScreen[] = [];
  const delivered: string[] = [];
  const left = [...keys];
  const ports: KioskPorts = {
    agent,
    platform: {
      open: (mode) => counter.open(mode, false, caller),
      outcome: async (sessionId) =>
        (await counter.result(sessionId, caller)) as HoldOutcome | undefined,
      userNumber: async (person) => {
        const { body } = await counter.call('look-up-library-link', person, { caller });
        return body['userNumber'] as string | undefined;
      },
    },
    nextCard: async () => new InProcessReader(virtual ?? new VirtualCard(contents)),
    cardIsGone: async () => true,
    show: (screen) => void shown.push(screen),
    nextKey: async (signal) =>
      left.shift() ??
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(undefined));
      }),
    deliver: (userNumber) => void delivered.push(userNumber),
    waits: { idleMs: 20, outcomeMs: 0, lookMs: 1 },
  };
  const outcome = await serveOnePerson(ports);
  return { outcome, shown, delivered, at: shown.map(({ at }) => at) };
}

describe('a kiosk without staff', () => {
  it('asks for the PIN, gives the number to the library’s system and returns to the start', async () => {
    const { outcome, shown, delivered, at } = await visit(['1', '9', 'back', '2', '3', '4']);
    expect(outcome).toEqual({ userNumber: 'L-0042' });
    expect(delivered).toEqual(['L-0042']);
    expect([at[0], ...at.slice(-3)]).toEqual(['start', 'reading', 'done', 'start']);
    // Dots, no digits; no number, no My Key ID.
    expect(JSON.stringify(shown)).not.toMatch(/1234|0042|[2-9A-Z]{8}/);
  });

  it('lets somebody who walks away, or cancels, not stay on the screen', async () => {
    for (const [key, code] of [
      // Nobody pressed cancel.
      ['2', 'pinpad-timeout'],
      ['cancel', 'cancelled'],
    ] as const) {
      const { outcome, delivered, at } = await visit(['1', key]);
      expect([outcome, delivered, at.at(-1)]).toEqual([{ code }, [], 'start']);
    }
  });

  it('asks again after a wrong PIN, and leaves the card’s last try to the staff', async () => {
    const card = new VirtualCard(tanaka.contents);
    const wrong = ['0', '0', '0', '0'];
    const { outcome, shown } = await visit([...wrong, ...wrong, ...wrong], tanaka, card);
    expect(outcome).toEqual({ code: 'pin-last-try' });
    const tries = shown.flatMap((screen) => (screen.at === 'pin' ? [screen.triesLeft] : []));
    expect([...new Set(tries)]).toEqual([3, 2]);
  });

  it('draws every screen from nothing, in Japanese and English', () => {
    for (const screen of [
      { at: 'start' },
      { at: 'pin', digits: 2, triesLeft: 3 },
      { at: 'failed', code: 'card-removed' },
      { at: 'failed', code: 'user-number-unknown' },
    ] as const) {
      const text = drawn(screen);
      expect(text.startsWith('\u001b[2J\u001b[3J\u001b[H')).toBe(true);
      expect(text).toMatch(/[ぁ-ん]/);
      expect(text).toMatch(/[A-Za-z]{4}/);
    }
  });
});
