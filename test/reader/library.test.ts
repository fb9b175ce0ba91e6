import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loanLine } from '../../reader/library/loan-line.ts';
import {
  userNumberOfHeldCard,
  type HoldOutcome,
  type ReadPerson,
} from '../../reader/library/held-card.ts';
import { InProcessReader } from '../../sandbox/card/in-process-port.ts';
import { VirtualCard } from '../../sandbox/card/virtual-card.ts';
import { openCounter } from '../capabilities/reading-sessions/counter.ts';

const heldAt = Date.UTC(2026, 10, 28, 1, 2, 3);
const keyboard = { output: 'line', suffix: 'enter', encoding: 'utf-8' } as const;
const text = (octets: Uint8Array): string => Buffer.from(octets).toString('utf8');

describe('a line for the library system', () => {
  it('is the number as a barcode reader types it, with the suffix that the system wants', () => {
    expect(text(loanLine('L-000123', heldAt, keyboard))).toBe('L-000123\r\n');
    expect(text(loanLine('L-000123', heldAt, { ...keyboard, suffix: 'tab' }))).toBe('L-000123\t');
    expect(text(loanLine('0007', heldAt, { ...keyboard, suffix: 'none' }))).toBe('0007');
  });

  it('is a CSV row with the time, quoted where it must be', () => {
    const csv = { ...keyboard, output: 'csv' } as const;
    expect(text(loanLine('000123', heldAt, csv))).toBe('2026-11-28T01:02:03.000Z,000123\r\n');
    expect(text(loanLine('a,"b', heldAt, csv))).toBe('2026-11-28T01:02:03.000Z,"a,""b"\r\n');
    expect(text(loanLine('=1+1', heldAt, csv))).toContain(',"=1+1"\r\n');
  });

  it('is in Shift_JIS for systems that want it, and loses no character', () => {
    const shiftJis = { ...keyboard, suffix: 'none', encoding: 'shift_jis' } as const;
    // JIS X 0208 codes of 図書 (3F5E 3D71) and half-width ｱ, as Shift_JIS writes them.
    expect(Buffer.from(loanLine('図書ｱ7', heldAt, shiftJis)).toString('hex')).toBe('907d8f91b137');
    expect(() => loanLine('𠮷1', heldAt, shiftJis)).toThrow(RangeError);
  });
});

describe('a card held at a library', () => {
  let counter: Awaited<ReturnType<typeof openCounter>>;
  beforeAll(async () => {
    counter = await openCounter();
  });
  afterAll(() => counter.close());

  const library = (numbers: ReadonlyMap<string, string>) => ({
    open: () => counter.open('hold'),
    outcome: async (sessionId: string) =>
      (await counter.result(sessionId)) as HoldOutcome | undefined,
    userNumber: async (person: ReadPerson) =>
      numbers.get('ppid' in person ? person.ppid : person.myKeyId),
  });

  it('gives the number of its holder, and none for another’s chip, an unknown or a new card', async () => {
    const [mine, other] = [await counter.issue(), await counter.issue()];
    const hold = (contents: typeof mine.contents, numbers: ReadonlyMap<string, string>) =>
      userNumberOfHeldCard(
        new InProcessReader(new VirtualCard(contents)),
        counter.agent,
        library(numbers),
      );
    expect(await hold(mine.contents, new Map())).toEqual({ code: 'enrolment-required' });
    const { result } = await counter.read(mine.contents, 'pin', { enrolChip: true });
    const numbers = new Map([[(result as { ppid: string }).ppid, 'L-000123']]);
    expect(await hold(mine.contents, numbers)).toEqual({ userNumber: 'L-000123' });
    expect(await hold(mine.contents, new Map())).toEqual({ code: 'user-number-unknown' });
    const swapped = { ...mine.contents, surface: other.contents.surface! };
    expect(await hold(swapped, numbers)).toEqual({ code: 'chip-proof-invalid' });
    const { surface: _, ...phone } = mine.contents;
    expect(await hold(phone, numbers)).toEqual({ code: 'pinless-unsupported' });
  });

  it('is answered with the reader’s code where no outcome reached the platform', async () => {
    const empty = new InProcessReader();
    expect(await userNumberOfHeldCard(empty, counter.agent, library(new Map()))).toEqual({
      code: 'card-absent',
    });
  });
});
