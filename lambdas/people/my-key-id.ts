import { randomInt } from 'node:crypto';

/**
 * The symbols of a My Key ID: digits and capital letters without 0, 1, I, L and O, which are
 * mistaken for each other. Their number is prime, which the check character relies on.
 */
export const myKeyIdAlphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

const modulus = myKeyIdAlphabet.length;

/** Characters that are chosen or generated; one check character follows. */
export const myKeyIdChoice = 7;

/** Characters of a whole My Key ID. */
export const myKeyIdLength = myKeyIdChoice + 1;

/**
 * The check character of seven symbols. The value of the symbol at position i (from 1) has weight
 * i; the sum over all eight positions is a multiple of 31. Weights are distinct and not zero modulo
 * a prime: one wrong symbol changes the sum, and so does the exchange of two different symbols,
 * adjacent or not (the argument of ISO/IEC 7064's pure systems).
 * @param choice seven symbols of `myKeyIdAlphabet`
 * @throws RangeError for anything else
 */
export function checkCharacterOf(choice: string): string {
  const values = valuesOf(choice);
  if (values === undefined || values.length !== myKeyIdChoice)
    throw new RangeError('a My Key ID has seven symbols before its check character');
  const sum = weighted(values);
  // 8 · check ≡ −sum (mod 31), and 4 is the inverse of 8.
  const check = (((-sum * 4) % modulus) + modulus) % modulus;
  return myKeyIdAlphabet[check]!;
}

/** Why a text is no My Key ID. */
export type MyKeyIdFault = 'length' | 'symbol' | 'check-character';

/**
 * Reads a My Key ID as people write it: small letters, full-width characters (NFKC), blanks and
 * hyphens between groups. Symbols outside the alphabet are refused, never guessed: 0 and O, 1, I
 * and L are all absent.
 * @returns the ID in its one spelling, or what is wrong with the text
 */
export function readMyKeyId(
  text: string,
): { readonly myKeyId: string } | { readonly fault: MyKeyIdFault } {
  const written = text
    .normalize('NFKC')
    .replaceAll(/[\s\u2010-\u2015\u2212\u30fc-]/gu, '')
    .toUpperCase();
  if (Array.from(written).length !== myKeyIdLength) return { fault: 'length' };
  const values = valuesOf(written);
  if (values === undefined) return { fault: 'symbol' };
  return weighted(values) % modulus === 0 ? { myKeyId: written } : { fault: 'check-character' };
}

/** A random My Key ID: one of 31^7, about 2.7 · 10^10. */
export function randomMyKeyId(): string {
  const choice = Array.from({ length: myKeyIdChoice }, () => myKeyIdAlphabet[randomInt(modulus)]!);
  return withCheckCharacter(choice.join(''));
}

/**
 * The My Key ID of seven chosen symbols, in capitals.
 * @throws RangeError as `checkCharacterOf`
 */
export function withCheckCharacter(choice: string): string {
  const symbols = choice.normalize('NFKC').toUpperCase();
  return symbols + checkCharacterOf(symbols);
}

const weighted = (values: readonly number[]): number =>
  values.reduce((sum, value, position) => sum + value * (position + 1), 0);

function valuesOf(symbols: string): readonly number[] | undefined {
  const values = Array.from(symbols, (symbol) => myKeyIdAlphabet.indexOf(symbol));
  return values.includes(-1) ? undefined : values;
}
