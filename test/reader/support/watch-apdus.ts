import { afterEach, expect } from '@jest/globals';
import { observeEveryCard, type VirtualCard } from '../../../sandbox/card/virtual-card.ts';

/**
 * Sees every command that any test sends to any virtual card, and fails the test that sends one which
 * this list does not hold. Written from the standard and the published facts, not from the reader: the
 * individual number's file, the verification number A and everything else have no line here.
 */

const files: Readonly<Record<string, readonly string[]>> = {
  d392f000260100000001: ['0006', '000a', '0017', '0018'],
  d3921000310001010402: ['0001', '0004', '0011'],
  d3921000310001010408: ['0002', '0003', '0004', '0011', '0015'],
};
const inputAssistance = 'd3921000310001010408';

const digits: Readonly<Record<string, number>> = {
  'd392f000260100000001/0018': 4,
  'd3921000310001010402/0011': 6,
  'd3921000310001010408/0011': 4,
  'd3921000310001010408/0015': 14,
};

interface Watched {
  resets: number;
  application: string;
  file: string;
  /** Since power-up: from then on EF 0001 is not selected, whatever the card says is selected. */
  inputAssistanceSeen: boolean;
}

const states = new WeakMap<VirtualCard, Watched>();
const foreign = new WeakSet<VirtualCard>();
const violations: string[] = [];
let seen = 0;

/** A card that somebody else's software, or a test of the card itself, talks to. */
export function withoutWatch(card: VirtualCard): VirtualCard {
  foreign.add(card);
  return card;
}

export const commandsSeen = (): number => seen;

export function judge(
  card: VirtualCard,
  command: Uint8Array,
  accepted: boolean,
): string | undefined {
  let state = states.get(card);
  if (!state) {
    state = { resets: card.resets, application: '', file: '', inputAssistanceSeen: false };
    states.set(card, state);
  } else if (state.resets !== card.resets) {
    // What the reader means is judged, also where the card was reset behind its back.
    Object.assign(state, { resets: card.resets, inputAssistanceSeen: false });
  }
  const hex = Buffer.from(command).toString('hex');
  const [, aid] = /^00a4040c0a([0-9a-f]{20})$/.exec(hex) ?? [];
  if (aid !== undefined) {
    if (aid === inputAssistance) state.inputAssistanceSeen = true;
    if (accepted) Object.assign(state, { application: aid, file: '' });
    return aid in files ? undefined : `unknown application ${aid}`;
  }
  const [, file] = /^00a4020c02([0-9a-f]{4})$/.exec(hex) ?? [];
  if (file !== undefined) {
    if (accepted) state.file = file;
    if (file === '0001' && state.inputAssistanceSeen) return 'EF 0001 after input assistance';
    return files[state.application]?.includes(file) ? undefined : `file ${file}`;
  }
  if (/^00b0[0-7][0-9a-f]{5}$/.test(hex) || /^00c00000[0-9a-f]{2}$/.test(hex)) return undefined;
  if (hex === '00200080') return undefined;
  const [, length, entry = ''] = /^00200080(..)((?:3[0-9])+)$/.exec(hex) ?? [];
  if (length !== undefined) {
    const wanted = digits[`${state.application}/${state.file}`];
    return Number.parseInt(length, 16) === wanted && entry.length === 2 * wanted
      ? undefined
      : 'an entry of another form';
  }
  return /^802a(?:0080|0280|0000)/.test(hex) ? undefined : 'a command that is not in the list';
}

observeEveryCard((command, answer, card) => {
  if (foreign.has(card)) return;
  seen++;
  const status = (answer.at(-2)! << 8) | answer.at(-1)!;
  const violation = judge(card, command, status === 0x9000);
  if (violation) violations.push(violation);
  if (card.forbiddenAttempts.length > 0) violations.push(...card.forbiddenAttempts);
});

afterEach(() => {
  const found = violations.splice(0);
  expect(found).toEqual([]);
});
