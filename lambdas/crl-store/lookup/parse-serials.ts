import { storeLimits } from '../limits.ts';
import type { PackedSerials } from '../format/packed-serials.ts';
import { serialHash } from '../format/serial-hash.ts';

export const rowState = { sound: 0, malformed: 1, duplicate: 2 } as const;

/** How serials are written. Left open, they are read as hex and `letters` tells whether that holds. */
export type SerialFormat = 'hex' | 'decimal';

/** Serials as people and systems write them, made unique. */
export interface ParsedSerials {
  /** A `rowState` per row. */
  readonly states: Uint8Array;
  /** Per row: its position in `packed`; for a duplicate, the row that names the serial first. */
  readonly positions: Uint32Array;
  /** The distinct sound serials in order of their rows. */
  readonly packed: PackedSerials;
  /** Row of each packed serial. */
  readonly packedRow: Uint32Array;
  /** How many packed serials can only be hex: they hold a digit a–f, or say so by `0x` or octets. */
  readonly letters: number;
}

const nibbles = new Int8Array(128).fill(-1);
for (let n = 0; n < 16; n++) {
  nibbles[n.toString(16).charCodeAt(0)] = n;
  nibbles[n.toString(16).toUpperCase().charCodeAt(0)] = n;
}

/**
 * Makes the content octets of a non-negative INTEGER of each text: needless leading zeros go, a sign
 * octet is added where the first bit is set. So one certificate is one serial, whichever tool printed
 * it. `readSerial` has the one rule for what counts as a serial.
 */
export function parseSerials(
  serials: readonly unknown[],
  format: SerialFormat = 'hex',
): ParsedSerials {
  const count = serials.length;
  const states = new Uint8Array(count);
  const positions = new Uint32Array(count);
  const packedRow = new Uint32Array(count);
  const starts = new Uint32Array(count + 1);
  let bytes = new Uint8Array(count * 8 + storeLimits.serialOctets + 1);
  const seen = new SeenSerials(count);
  let packed = 0;
  let letters = 0;
  for (let row = 0; row < count; row++) {
    const start = starts[packed]!;
    if (start + storeLimits.serialOctets + 1 > bytes.length) bytes = grown(bytes);
    const serial = serials[row];
    // Nearly every row of millions is bare hex: it is read where it stands.
    let end = format === 'hex' ? writeBareHex(serial, bytes, start) : -1;
    let saysHex = false;
    if (end < 0) {
      const read = readSerial(serial, format);
      if (read !== undefined) {
        end = writeBareHex(read.hex, bytes, start);
        saysHex = read.saysHex;
      }
    }
    if (end < 0) {
      states[row] = rowState.malformed;
      continue;
    }
    const earlier = seen.findOrAdd(bytes, starts, packed, start, end);
    if (earlier >= 0) {
      states[row] = rowState.duplicate;
      positions[row] = packedRow[earlier]!;
      continue;
    }
    if (saysHex && !showsLetter(bytes, start, end)) letters += 1;
    positions[row] = packed;
    packedRow[packed++] = row;
    starts[packed] = end;
  }
  for (let n = 0; n < packed; n++) {
    if (showsLetter(bytes, starts[n]!, starts[n + 1]!)) letters += 1;
  }
  return { states, positions, packed: { bytes, starts, count: packed }, packedRow, letters };
}

/** Does any digit of these octets need a–f in hex. */
function showsLetter(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (withLetter[bytes[at]!] === 1) return true;
  return false;
}

const withLetter = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >> 4 > 9 || (octet & 15) > 9 ? 1 : 0,
);

/**
 * Serials that might as well be decimal. Of hex numbers three in eight end in a letter; a list of ten
 * or more of which not one in fifty holds any has hardly been written in hex.
 */
export const leavesFormatOpen = (serials: number, letters: number): boolean =>
  serials >= storeLimits.serialsThatTell && letters * 50 < serials;

/**
 * The one rule for serials (docs/bulk-jobs.md): digits of the format in either case, half or full
 * width, between blanks; in hex also `0x` before them, or whole octets between colons, hyphens or
 * single blanks. Two numbers in one text are never joined to one.
 */
export function readSerial(
  text: unknown,
  format: SerialFormat,
): { readonly hex: string; readonly saysHex: boolean } | undefined {
  if (typeof text !== 'string' || text.length > storeLimits.serialCharacters) return undefined;
  // Half of each is rather a line end that was damaged, read as Shift_JIS.
  if (/[\uff01-\uff5e]/.test(text) && /[0-9A-Za-z]/.test(text)) return undefined;
  const plain = halfWidth(text).trim();
  if (format === 'decimal') return decimal.test(plain) ? asHex(BigInt(plain)) : undefined;
  if (octets.test(plain)) return { hex: plain.replaceAll(/[: -]/g, ''), saysHex: true };
  const [, prefix = '', hex] = hexadecimal.exec(plain) ?? [];
  if (hex === undefined) return undefined;
  return { hex, saysHex: prefix !== '' };
}

const decimal = /^\d{1,60}$/;
const hexadecimal = /^(0x)?([\da-f]+)$/i;
/** The same separator all through. */
const octets = /^[\da-f]{2}(?:(?::[\da-f]{2})+|(?:-[\da-f]{2})+|(?: [\da-f]{2})+)$/i;

/** U+FF01–FF5E are ASCII's 0x21–0x7E; U+3000 is a blank. Not NFKC, which makes a digit of ². */
const halfWidth = (text: string): string =>
  text.replaceAll(/[\uff01-\uff5e\u3000]/g, (found) =>
    found === '\u3000' ? ' ' : String.fromCharCode(found.charCodeAt(0) - 0xfee0),
  );

const asHex = (value: bigint) => ({ hex: value.toString(16), saysHex: false });

/** Returns the end of the content octets; -1 for what is not hex digits alone, or too many of them. */
function writeBareHex(text: unknown, bytes: Uint8Array, start: number): number {
  if (typeof text !== 'string' || text.length === 0 || text.length > storeLimits.serialCharacters)
    return -1;
  const digits = text.length;
  let first = 0;
  while (first < digits - 1 && text.charCodeAt(first) === 0x30) first++;
  if (digits - first > storeLimits.serialHexDigits) return -1;
  let at = start;
  let position = first;
  const odd = ((digits - first) & 1) === 1;
  const highest = nibbles[text.charCodeAt(first) & 0x7f]!;
  if (!odd && highest >= 8) bytes[at++] = 0;
  if (odd) {
    const code = text.charCodeAt(position++);
    const low = code < 128 ? nibbles[code]! : -1;
    if (low < 0) return -1;
    bytes[at++] = low;
  }
  while (position < digits) {
    const code = text.charCodeAt(position);
    const next = text.charCodeAt(position + 1);
    if ((code | next) > 127) return -1;
    const octet = (nibbles[code]! << 4) | nibbles[next]!;
    if (octet < 0) return -1;
    bytes[at++] = octet;
    position += 2;
  }
  return at - start > storeLimits.serialOctets + (bytes[start] === 0 ? 1 : 0) ? -1 : at;
}

function grown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}

/** Open addressing over positions in the packed buffer; a fixed seed is enough at a call's size. */
class SeenSerials {
  private readonly slots: Int32Array;
  private readonly mask: number;

  constructor(capacity: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, capacity * 2)));
    this.slots = new Int32Array(size).fill(-1);
    this.mask = size - 1;
  }

  /** The packed position that has the same octets; else -1, and `position` is remembered. */
  findOrAdd(
    bytes: Uint8Array,
    starts: Uint32Array,
    position: number,
    start: number,
    end: number,
  ): number {
    let slot = serialHash(bytes, start, end - start, 0x6d796b65) & this.mask;
    for (; this.slots[slot]! >= 0; slot = (slot + 1) & this.mask) {
      const other = this.slots[slot]!;
      if (sameRange(bytes, starts[other]!, starts[other + 1]!, start, end)) return other;
    }
    this.slots[slot] = position;
    return -1;
  }
}

function sameRange(
  bytes: Uint8Array,
  aStart: number,
  aEnd: number,
  bStart: number,
  bEnd: number,
): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = 0; i < bEnd - bStart; i++) {
    if (bytes[aStart + i] !== bytes[bStart + i]) return false;
  }
  return true;
}
