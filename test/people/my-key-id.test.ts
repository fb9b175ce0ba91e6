import { describe, expect, it } from '@jest/globals';
import {
  checkCharacterOf,
  myKeyIdAlphabet,
  myKeyIdChoice,
  randomMyKeyId,
  readMyKeyId,
  withCheckCharacter,
} from '../../lambdas/people/my-key-id.ts';

const symbols = Array.from(myKeyIdAlphabet);
const isGood = (text: string): boolean => 'myKeyId' in readMyKeyId(text);

/** Some IDs of every shape: the lowest, the highest, and random ones. */
const some = [
  '2222222',
  'ZZZZZZZ',
  '2345678',
  ...Array.from({ length: 20 }, () => randomMyKeyId().slice(0, myKeyIdChoice)),
].map(withCheckCharacter);

describe('the alphabet', () => {
  it('has 31 symbols, none of which is mistaken for another', () => {
    expect(new Set(symbols).size).toBe(31);
    expect(symbols.filter((symbol) => '01ILO'.includes(symbol))).toEqual([]);
  });
});

describe('the check character', () => {
  // By hand: 2 is worth 0, 3 is worth 1. 7·1 + 8·c ≡ 0 (mod 31) holds for c = 3: 7 + 24 = 31.
  it.each([
    ['2222222', '2'],
    ['2222223', '5'],
    // 1·1 + 8·c ≡ 0: c = 27, for 1 + 216 = 217 = 7·31; the symbol worth 27 is W.
    ['3222222', 'W'],
  ])('of %s is %s', (choice, check) => {
    expect(checkCharacterOf(choice)).toBe(check);
  });

  it('detects every single wrong symbol at every position', () => {
    let tried = 0;
    for (const id of some) {
      for (let at = 0; at < id.length; at++) {
        for (const wrong of symbols) {
          if (wrong === id[at]) continue;
          tried += 1;
          const text = id.slice(0, at) + wrong + id.slice(at + 1);
          if (isGood(text)) throw new Error(`not detected: ${id} as ${text}`);
        }
      }
    }
    expect(tried).toBe(some.length * 8 * 30);
  });

  it('detects every exchange of two different symbols, for every pair of symbols and positions', () => {
    let tried = 0;
    for (let one = 0; one < 8; one++) {
      for (let other = one + 1; other < 8; other++) {
        for (const a of symbols) {
          for (const b of symbols) {
            if (a === b) continue;
            const id = idWith(one, a, other, b);
            const exchanged = Array.from(id);
            [exchanged[one], exchanged[other]] = [exchanged[other]!, exchanged[one]!];
            tried += 1;
            if (isGood(exchanged.join(''))) throw new Error(`not detected: ${id}`);
          }
        }
      }
    }
    expect(tried).toBe(28 * 31 * 30);
  });

  it('is refused for anything but seven symbols', () => {
    for (const choice of ['', '222222', '22222222', '222222O', '22222 2'])
      expect(() => checkCharacterOf(choice)).toThrow(RangeError);
  });
});

/** A My Key ID with these two symbols at these two positions. */
function idWith(one: number, a: string, other: number, b: string): string {
  const free = [0, 1, 2].find((at) => at !== one && at !== other)!;
  for (const filler of symbols) {
    const id = Array.from({ length: 8 }, () => '2');
    id[one] = a;
    id[other] = b;
    id[free] = filler;
    if (isGood(id.join(''))) return id.join('');
  }
  throw new Error('no symbol completes the sum');
}

describe('what people write', () => {
  const id = withCheckCharacter('ABC2345');

  it.each([
    ['small letters', id.toLowerCase()],
    ['two groups', `${id.slice(0, 4)}-${id.slice(4)}`],
    ['blanks', ` ${id.slice(0, 4)} ${id.slice(4)} `],
    [
      'full-width characters',
      Array.from(id, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)).join(''),
    ],
  ])('is read from %s', (_, text) => {
    expect(readMyKeyId(text)).toEqual({ myKeyId: id });
  });

  it.each([
    ['too short', id.slice(1), 'length'],
    ['too long', `${id}2`, 'length'],
    ['a zero', `0${id.slice(1)}`, 'symbol'],
    ['another alphabet', `あ${id.slice(1)}`, 'symbol'],
    ['a wrong last character', id.slice(0, 7) + (id[7] === '2' ? '3' : '2'), 'check-character'],
  ])('is refused: %s', (_, text, fault) => {
    expect(readMyKeyId(text)).toEqual({ fault });
  });
});

it('random IDs are whole and differ', () => {
  const ids = Array.from({ length: 500 }, randomMyKeyId);
  expect(ids.every(isGood)).toBe(true);
  expect(new Set(ids).size).toBe(500);
});
