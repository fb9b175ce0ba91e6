import { storeLimits } from '../limits.ts';
import type { PackedSerials } from '../format/packed-serials.ts';
import { serialHash } from '../format/serial-hash.ts';

export const rowState = { sound: 0, malformed: 1, duplicate: 2 } as const;

/** Notation of serial numbers. Default: hex; `letters` then shows whether that is plausible. */
export type SerialFormat = 'hex' | 'decimal';

/** Parsed serial numbers without duplicates. */
export interface ParsedSerials {
  /** A `rowState` per row. */
  readonly states: Uint8Array;
  /** Per row: its position in `packed`; for a duplicate, the first row with the same serial number. */
  readonly positions: Uint32Array;
  /** The distinct sound serial numbers in order of their rows. */
  readonly packed: PackedSerials;
  /** Row of each packed serial. */
  readonly packedRow: Uint32Array;
  /** Number of packed serials that can only be hex: a digit a–f, the prefix `0x`, or separated octets. */
  readonly letters: number;
}

const nibbles = new Int8Array(128).fill(-1);
for (let n = 0; n < 16; n++) {
  nibbles[n.toString(16).charCodeAt(0)] = n;
  nibbles[n.toString(16).toUpperCase().charCodeAt(0)] = n;
}

/**
 * Converts each text to the content octets of a non-negative INTEGER: leading zeros are removed, and a zero
 * octet is added if the first bit is set. The result is therefore the same for all notations of a serial
 * number. `readSerial` defines the accepted notations.
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
    // Fast path: nearly all rows are plain hex.
    let end = format === 'hex' ? writeBareHex(serial, bytes, start) : -1;
    let isMarkedHex = false;
    if (end < 0) {
      const read = readSerial(serial, format);
      if (read !== undefined) {
        end = writeBareHex(read.hex, bytes, start);
        isMarkedHex = read.isMarkedHex;
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
    if (isMarkedHex && !hasHexLetter(bytes, start, end)) letters += 1;
    positions[row] = packed;
    packedRow[packed++] = row;
    starts[packed] = end;
  }
  for (let n = 0; n < packed; n++) {
    if (hasHexLetter(bytes, starts[n]!, starts[n + 1]!)) letters += 1;
  }
  return { states, positions, packed: { bytes, starts, count: packed }, packedRow, letters };
}

/** Whether the hex form of these octets contains a digit a–f. */
function hasHexLetter(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (withLetter[bytes[at]!] === 1) return true;
  return false;
}

const withLetter = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >> 4 > 9 || (octet & 15) > 9 ? 1 : 0,
);

/**
 * Whether the serial numbers might be decimal: at least five of them, and fewer than one in fifty with a
 * digit a–f. In hex, three of eight serial numbers end in such a digit alone.
 */
export const mayBeDecimal = (serials: number, letters: number): boolean =>
  serials >= storeLimits.serialsToDetectHex && letters * 50 < serials;

/**
 * The accepted notations (docs/bulk-jobs.md): digits in upper or lower case, half or full width, with
 * surrounding spaces; in hex also the prefix `0x`, or octets separated by colons, hyphens or single spaces.
 * Two numbers in one text are refused.
 */
export function readSerial(
  text: unknown,
  format: SerialFormat,
): { readonly hex: string; readonly isMarkedHex: boolean } | undefined {
  if (typeof text !== 'string' || text.length > storeLimits.serialCharacters) return undefined;
  // A mixture of full and half width is usually damaged data, read as Shift_JIS.
  if (/[\uff01-\uff5e]/.test(text) && /[0-9A-Za-z]/.test(text)) return undefined;
  const plain = halfWidth(text).trim();
  if (format === 'decimal') return decimal.test(plain) ? asHex(BigInt(plain)) : undefined;
  if (octets.test(plain)) return { hex: plain.replaceAll(/[: -]/g, ''), isMarkedHex: true };
  const [, prefix = '', hex] = hexadecimal.exec(plain) ?? [];
  if (hex === undefined) return undefined;
  return { hex, isMarkedHex: prefix !== '' };
}

const decimal = /^\d{1,60}$/;
const hexadecimal = /^(0x)?([\da-f]+)$/i;
/** Octets with one kind of separator. */
const octets = /^[\da-f]{2}(?:(?::[\da-f]{2})+|(?:-[\da-f]{2})+|(?: [\da-f]{2})+)$/i;

/** Maps U+FF01–FF5E to ASCII 0x21–0x7E and U+3000 to a space. Not NFKC, which would map ² to a digit. */
export const halfWidth = (text: string): string =>
  text.replaceAll(/[\uff01-\uff5e\u3000]/g, (found) =>
    found === '\u3000' ? ' ' : String.fromCharCode(found.charCodeAt(0) - 0xfee0),
  );

const asHex = (value: bigint) => ({ hex: value.toString(16), isMarkedHex: false });

/** Returns the end of the content octets; -1 if the text has other characters or too many digits. */
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

  /** The packed position with the same octets; otherwise -1, and `position` is added. */
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
