import type { PackedSerials } from '../format/packed-serials.ts';
import { serialHash } from '../format/serial-hash.ts';

export const rowState = { sound: 0, malformed: 1, duplicate: 2 } as const;

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
}

/** RFC 5280 §4.1.2.2: 20 octets; with a sign octet or padding, people write one more. */
const longestHex = 42;
const longestSerial = 20;

const nibbles = new Int8Array(128).fill(-1);
for (let n = 0; n < 16; n++) {
  nibbles[n.toString(16).charCodeAt(0)] = n;
  nibbles[n.toString(16).toUpperCase().charCodeAt(0)] = n;
}

/**
 * Reads hex (either case, `0x` not allowed) as a non-negative INTEGER and packs its content octets:
 * needless leading zeros go, a sign octet is added where the first bit is set. So one certificate is
 * one serial, whichever tool printed it.
 */
export function parseSerials(serials: readonly unknown[]): ParsedSerials {
  const count = serials.length;
  const states = new Uint8Array(count);
  const positions = new Uint32Array(count);
  const packedRow = new Uint32Array(count);
  const starts = new Uint32Array(count + 1);
  let bytes = new Uint8Array(count * 8 + longestSerial + 1);
  const seen = new SeenSerials(count);
  let packed = 0;
  for (let row = 0; row < count; row++) {
    const start = starts[packed]!;
    if (start + longestSerial + 1 > bytes.length) bytes = grown(bytes);
    const end = writeSerial(serials[row], bytes, start);
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
    positions[row] = packed;
    packedRow[packed++] = row;
    starts[packed] = end;
  }
  return { states, positions, packed: { bytes, starts, count: packed }, packedRow };
}

/** Returns the end of the content octets, or -1 for what is no serial. */
function writeSerial(text: unknown, bytes: Uint8Array, start: number): number {
  if (typeof text !== 'string' || text.length === 0 || text.length > longestHex) return -1;
  const digits = text.length;
  let first = 0;
  while (first < digits - 1 && text.charCodeAt(first) === 0x30) first++;
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
  return at - start > longestSerial + (bytes[start] === 0 ? 1 : 0) ? -1 : at;
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
