import { PkiError, type PkiErrorCode } from '../pki-error.ts';

/**
 * A strict DER reader (X.690 §8, §10, §11) over one buffer, without copies, objects per node or recursion.
 * All signed data is parsed with it.
 */

/** Identifier octets of universal types. */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
} as const;

/** `[n]` primitive (IMPLICIT over a primitive type). */
export const contextPrimitive = (n: number): number => 0x80 | n;
/** `[n]` constructed (EXPLICIT, or IMPLICIT over a constructed type). */
export const contextConstructed = (n: number): number => 0xa0 | n;

/** The octets are not DER, or not the expected structure. */
export class DerError extends PkiError {
  constructor(message: string, code: PkiErrorCode = 'certificate-malformed') {
    super(code, message);
    this.name = 'DerError';
  }
}

/**
 * A cursor over the content of one constructed value. Reading past the end, a non-minimal length,
 * an indefinite length, a multi-byte tag or an unexpected tag throws `DerError`.
 */
export class DerReader {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.offset === this.end;
  }

  /** The next identifier octet, or -1 at the end. */
  peek(): number {
    return this.offset < this.end ? this.bytes[this.offset]! : -1;
  }

  /**
   * Reads one header and moves the cursor to the end of the value. Returns the start of the content; its
   * end is the new `offset`. A negative `expected` accepts any tag.
   */
  enterRange(expected: number): number {
    const { bytes, end } = this;
    const start = this.offset;
    if (start + 2 > end) throw new DerError('truncated DER');
    const identifier = bytes[start]!;
    // X.690 §8.1.2.4: the high-tag-number form, which no structure in X.509 uses.
    if ((identifier & 0x1f) === 0x1f) throw new DerError('multi-byte tags are not used in X.509');
    if (expected >= 0 && identifier !== expected) {
      throw new DerError(
        `expected tag 0x${expected.toString(16)}, found 0x${identifier.toString(16)}`,
      );
    }
    let content = start + 2;
    let length = bytes[start + 1]!;
    if (length >= 0x80) {
      // X.690 §10.1: definite form, fewest octets. Four length octets allow 4 GiB, more than any CRL.
      const octets = length & 0x7f;
      if (octets === 0) throw new DerError('indefinite length is not DER');
      if (octets > 4) throw new DerError('length too large');
      if (content + octets > end) throw new DerError('truncated DER');
      const isPadded = bytes[content] === 0;
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + bytes[content++]!;
      if (length < 0x80 || isPadded) throw new DerError('length not in its shortest form');
    }
    const valueEnd = content + length;
    if (valueEnd > end) throw new DerError('truncated DER');
    this.offset = valueEnd;
    return content;
  }

  /** Enters a constructed value and returns a reader over its content. */
  enter(expected: number): DerReader {
    const content = this.enterRange(expected);
    return new DerReader(this.bytes, content, this.offset);
  }

  /** Enters the next value if its tag is `expected`; otherwise undefined. */
  enterOptional(expected: number): DerReader | undefined {
    return this.peek() === expected ? this.enter(expected) : undefined;
  }

  /** Content octets of the next value, as a view. */
  content(expected: number): Uint8Array {
    const content = this.enterRange(expected);
    return this.bytes.subarray(content, this.offset);
  }

  /** The next value including its header, as a view. A negative `expected` accepts any tag. */
  element(expected = -1): Uint8Array {
    const start = this.offset;
    this.enterRange(expected);
    return this.bytes.subarray(start, this.offset);
  }

  /** Moves behind the next value if its octets are those of `known`, one whole value that was read before. */
  skips(known: Uint8Array): boolean {
    const { bytes, offset, end } = this;
    const { length } = known;
    if (offset + length > end) return false;
    for (let i = 0; i < length; i++) if (bytes[offset + i] !== known[i]) return false;
    this.offset = offset + length;
    return true;
  }

  /** Throws when content is left. */
  finish(): void {
    if (this.offset !== this.end) throw new DerError('unexpected data after the last field');
  }

  /** X.690 §8.3.2: the shortest two's complement form. Returns the content octets. */
  integerBytes(expected: number = tag.integer): Uint8Array {
    const octets = this.content(expected);
    if (octets.length === 0) throw new DerError('empty INTEGER');
    if (octets.length > 1) {
      const first = octets[0]!;
      const second = octets[1]!;
      if ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)) {
        throw new DerError('INTEGER not in its shortest form');
      }
    }
    return octets;
  }

  /** A non-negative INTEGER up to 2^47. */
  smallInteger(expected: number = tag.integer): number {
    const octets = this.integerBytes(expected);
    if (octets[0]! >= 0x80 || octets.length > 6) throw new DerError('INTEGER out of range');
    let value = 0;
    for (const octet of octets) value = value * 256 + octet;
    return value;
  }

  /** X.690 §11.1: FF is true and 00 is false; other values are not DER. */
  boolean(expected: number = tag.boolean): boolean {
    const start = this.enterRange(expected);
    const octet = this.bytes[start]!;
    if (this.offset - start !== 1 || (octet !== 0 && octet !== 0xff)) {
      throw new DerError('BOOLEAN is neither 00 nor FF');
    }
    return octet === 0xff;
  }

  /** Dotted decimal. */
  oid(expected: number = tag.oid): string {
    return decodeOid(this.content(expected));
  }

  /** Octets of a BIT STRING without unused bits (signatures, keys). */
  octetAlignedBits(expected: number = tag.bitString): Uint8Array {
    const start = this.enterRange(expected);
    if (start === this.offset || this.bytes[start] !== 0) {
      throw new DerError('BIT STRING is not whole octets');
    }
    return this.bytes.subarray(start + 1, this.offset);
  }

  /** A named-bit BIT STRING (keyUsage, reasons): bit 0 is the most significant bit of the first octet. */
  namedBits(expected: number = tag.bitString): { readonly bits: number; readonly count: number } {
    const content = this.content(expected);
    if (content.length === 0) throw new DerError('empty BIT STRING');
    const unused = content[0]!;
    const octets = content.length - 1;
    if (unused > 7 || (octets === 0 && unused !== 0)) throw new DerError('bad unused-bits count');
    if (octets > 4) throw new DerError('too many named bits');
    // X.690 §11.2.1: unused bits are zero. Trailing zero bits (§11.2.2) are accepted, because issued
    // certificates have them (docs/divergences.md).
    if (octets > 0 && (content[octets]! & ((1 << unused) - 1)) !== 0) {
      throw new DerError('unused bits are not zero');
    }
    let bits = 0;
    const count = octets * 8 - unused;
    for (let i = 0; i < count; i++) {
      if ((content[1 + (i >> 3)]! >> (7 - (i & 7))) & 1) bits |= 1 << i;
    }
    return { bits: bits >>> 0, count };
  }

  /**
   * UTCTime or GeneralizedTime in the profile of RFC 5280 §4.1.2.5: with seconds, in UTC ("Z"), without
   * fractions. Returns milliseconds since 1970.
   */
  time(): number {
    const identifier = this.peek();
    if (identifier !== tag.utcTime && identifier !== tag.generalizedTime) {
      throw new DerError('expected a time');
    }
    return this.timeOf(identifier);
  }

  /** GeneralizedTime only (OCSP, invalidityDate). */
  generalizedTime(expected: number = tag.generalizedTime): number {
    return this.timeOf(expected);
  }

  private timeOf(expected: number): number {
    const start = this.enterRange(expected);
    const yearDigits = expected === tag.utcTime ? 2 : 4;
    return decodeTime(this.bytes, start, this.offset, yearDigits);
  }
}

/** Reads exactly one value from `bytes` and enters it; trailing octets throw. */
export function enterWhole(bytes: Uint8Array, expected: number = tag.sequence): DerReader {
  const outer = new DerReader(bytes);
  const inner = outer.enter(expected);
  outer.finish();
  return inner;
}

/** X.690 §8.19, shortest form. Arcs may have any size, because arcs below 2.25 are UUIDs (X.667). */
export function decodeOid(content: Uint8Array): string {
  // Issued certificates contain long registeredIDs that encode a URL by mistake, up to 256 octets.
  if (content.length === 0 || content.length > 256)
    throw new DerError('OID is empty or longer than 256 octets');
  let text = '';
  let arc: number | bigint = 0;
  let fresh = true;
  for (const octet of content) {
    if (fresh && octet === 0x80) throw new DerError('OID arc not in its shortest form');
    arc = appended(arc, octet & 0x7f);
    fresh = octet < 0x80;
    if (!fresh) continue;
    if (text === '') {
      const first = arc < 40 ? 0 : arc < 80 ? 1 : 2;
      text = `${first}.${typeof arc === 'bigint' ? arc - BigInt(first * 40) : arc - first * 40}`;
    } else {
      text += `.${arc}`;
    }
    arc = 0;
  }
  if (!fresh) throw new DerError('truncated OID');
  return text;
}

/** Appends seven bits; returns a bigint when the arc exceeds the safe integers. */
function appended(arc: number | bigint, bits: number): number | bigint {
  if (typeof arc === 'bigint') return arc * 128n + BigInt(bits);
  return arc <= Number.MAX_SAFE_INTEGER / 256
    ? arc * 128 + bits
    : BigInt(arc) * 128n + BigInt(bits);
}

function decodeTime(bytes: Uint8Array, start: number, end: number, yearDigits: 2 | 4): number {
  if (end - start !== yearDigits + 11 || bytes[end - 1] !== 0x5a) {
    throw new DerError('time is not in the profile YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ');
  }
  const digits = (from: number, count: number): number => {
    let value = 0;
    for (let i = start + from; i < start + from + count; i++) {
      const digit = bytes[i]! - 0x30;
      if (digit < 0 || digit > 9) throw new DerError('time holds a non-digit');
      value = value * 10 + digit;
    }
    return value;
  };
  let year = digits(0, yearDigits);
  // RFC 5280 §4.1.2.5.1: 50..99 is 19YY.
  if (yearDigits === 2) year += year >= 50 ? 1900 : 2000;
  const month = digits(yearDigits, 2);
  const day = digits(yearDigits + 2, 2);
  const hour = digits(yearDigits + 4, 2);
  const minute = digits(yearDigits + 6, 2);
  const second = digits(yearDigits + 8, 2);
  if (hour > 23 || minute > 59 || second > 59) throw new DerError('invalid time of day');
  if (day === 0 || day > daysIn(month, year)) throw new DerError('invalid day of the month');
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC reads the years 0 to 99 as 1900 to 1999.
  return year < 100 ? new Date(at).setUTCFullYear(year) : at;
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days of a month; 0 for an invalid month. */
function daysIn(month: number, year: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return (monthLengths[month - 1] ?? 0) + (month === 2 && isLeap ? 1 : 0);
}
