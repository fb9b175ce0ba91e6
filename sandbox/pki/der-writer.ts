/**
 * Writes DER without validation, including values that no authority would issue: test vectors
 * differ from a valid case in one respect, which certificate libraries often cannot express.
 */

const bytesOf = (parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = bytesOf(content);
  const { length } = body;
  if (length < 0x80) return bytesOf([Uint8Array.of(tag, length), body]);
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return bytesOf([Uint8Array.of(tag, 0x80 | octets.length, ...octets), body]);
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => der(0x30, ...items);

/** SET OF, in DER's order (X.690 §11.6). */
export const setOf = (...items: readonly Uint8Array[]): Buffer =>
  der(0x31, ...items.toSorted((a, b) => Buffer.compare(a, b)));

/** `[n]` around the items (EXPLICIT, or IMPLICIT over a constructed type). */
export const context = (n: number, ...items: readonly Uint8Array[]): Buffer =>
  der(0xa0 | n, ...items);

/** `[n]` IMPLICIT over a primitive type: the bare content. */
export const contextPrimitive = (n: number, content: Uint8Array): Buffer => der(0x80 | n, content);

export const nullValue = (): Buffer => der(0x05);
export const boolean = (value: boolean): Buffer => der(0x01, Uint8Array.of(value ? 0xff : 0));
export const octetString = (...content: readonly Uint8Array[]): Buffer => der(0x04, ...content);
export const enumerated = (value: number): Buffer => der(0x0a, Uint8Array.of(value));

/** A non-negative INTEGER in its shortest form; octets are taken as an unsigned number. */
export function integer(value: number | bigint | Uint8Array): Buffer {
  let hex =
    typeof value === 'object' ? Buffer.from(value).toString('hex') : BigInt(value).toString(16);
  if (hex.length % 2) hex = `0${hex}`;
  let octets: Buffer = Buffer.from(hex, 'hex');
  while (octets.length > 1 && octets[0] === 0 && octets[1]! < 0x80) octets = octets.subarray(1);
  return octets.length > 0 && octets[0]! < 0x80
    ? der(0x02, octets)
    : der(0x02, Uint8Array.of(0), octets);
}

export function oid(dotted: string): Buffer {
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  const octets = [first * 40n + second, ...rest].flatMap((arc) => {
    const base128 = [Number(arc % 128n)];
    for (let left = arc / 128n; left > 0n; left /= 128n) {
      base128.unshift(Number(left % 128n) | 0x80);
    }
    return base128;
  });
  return der(0x06, Uint8Array.from(octets));
}

/** A BIT STRING of whole octets. */
export const bitString = (content: Uint8Array): Buffer => der(0x03, Uint8Array.of(0), content);

/** A named-bit list (keyUsage, reasons) with trailing zero bits removed (X.690 §11.2.2). */
export function namedBits(...bits: readonly number[]): Buffer {
  const highest = Math.max(-1, ...bits);
  const octets = new Uint8Array(Math.floor(highest / 8) + 1);
  for (const bit of bits) octets[bit >> 3]! |= 0x80 >> (bit & 7);
  return der(0x03, Uint8Array.of(highest < 0 ? 0 : 7 - (highest % 8)), octets);
}

export const utf8String = (text: string): Buffer => der(0x0c, Buffer.from(text, 'utf8'));
export const printableString = (text: string): Buffer => der(0x13, Buffer.from(text, 'latin1'));
export const ia5String = (text: string): Buffer => der(0x16, Buffer.from(text, 'latin1'));

const digits = (at: Date): string => at.toISOString().replaceAll(/[-:T]|\.\d+Z/g, '');

export const generalizedTime = (at: Date): Buffer => der(0x18, Buffer.from(`${digits(at)}Z`));

/** RFC 5280 §4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. */
export const time = (at: Date): Buffer =>
  at.getUTCFullYear() < 2050
    ? der(0x17, Buffer.from(`${digits(at).slice(2)}Z`))
    : generalizedTime(at);
