import { MyKeyError } from '../../errors.ts';
import { shardOf } from './page-layout.ts';
import { avalanche } from './serial-hash.ts';

/**
 * A 3-wise binary fuse filter (Graf and Lemire, 2022) with 8-bit fingerprints, in shards. It has one false
 * positive in 256 serial numbers and no false negatives. It only avoids reads of pages, which decide.
 */
export interface FilterShard {
  readonly seed: number;
  /** log2 of a segment's cells. */
  readonly segmentBits: number;
  /** Cells in which a serial's first cell may lie. */
  readonly span: number;
  readonly cells: Uint8Array;
}

const emptyShard: FilterShard = { seed: 0, segmentBits: 0, span: 0, cells: new Uint8Array(0) };

/** Two 32-bit hashes of a key and the shard's seed; each depends on all 64 bits of the key. */
const keyHigh = (placement: number, fingerprint: number, seed: number): number =>
  avalanche(fingerprint ^ Math.imul(placement, 0x9e3779b1) ^ seed);
const keyLow = (placement: number, high: number, seed: number): number =>
  avalanche(placement ^ Math.imul(high, 0x85ebca77) ^ ~seed);

const firstCell = (high: number, span: number): number => Math.floor((high * span) / 4_294_967_296);

/** A key is a pair of placement hash and fingerprint hash; duplicate keys are removed. */
export function buildFilterShard(placements: Uint32Array, fingerprints: Uint32Array): FilterShard {
  if (placements.length === 0) return emptyShard;
  let keys = { placements, fingerprints };
  // About one seed in a hundred fails. Duplicate keys always fail, so they are removed after three attempts.
  for (let attempt = 1; attempt <= 100; attempt++) {
    const built = peel(keys.placements, keys.fingerprints, avalanche(attempt));
    if (built) return built;
    if (attempt === 3) keys = distinct(placements, fingerprints);
  }
  throw new MyKeyError('internal-error', 'the membership filter could not be built');
}

function peel(high64: Uint32Array, low64: Uint32Array, seed: number): FilterShard | undefined {
  const size = high64.length;
  // The paper's parameters for arity 3, but half the segment length: with the original one, too many seeds
  // fail at 40,000 keys.
  const segmentBits = Math.max(
    2,
    Math.min(13, Math.floor(Math.log(Math.max(2, size)) / Math.log(3.33) + 1.75)),
  );
  const segment = 2 ** segmentBits;
  const factor = Math.max(1.125, 0.875 + (0.25 * Math.log(1e6)) / Math.log(Math.max(2, size)));
  const segments = Math.max(1, Math.ceil((size * factor) / segment) - 2);
  const span = segments * segment;
  const length = span + 2 * segment;
  const mask = segment - 1;
  /** For each cell: the number of keys that use it, and the XOR of their indices. */
  const degree = new Uint8Array(length);
  const touching = new Uint32Array(length);
  const highs = new Uint32Array(size);
  const lows = new Uint32Array(size);
  for (let key = 0; key < size; key++) {
    const high = keyHigh(high64[key]!, low64[key]!, seed);
    const low = keyLow(high64[key]!, high, seed);
    highs[key] = high;
    lows[key] = low;
    const c0 = firstCell(high, span);
    const c1 = (c0 + segment) ^ (low & mask);
    const c2 = (c0 + 2 * segment) ^ ((low >>> 16) & mask);
    if (degree[c0]! > 250 || degree[c1]! > 250 || degree[c2]! > 250) return undefined;
    degree[c0]!++;
    degree[c1]!++;
    degree[c2]!++;
    touching[c0]! ^= key;
    touching[c1]! ^= key;
    touching[c2]! ^= key;
  }
  const queue = new Uint32Array(length);
  let waiting = 0;
  for (let cell = 0; cell < length; cell++) if (degree[cell] === 1) queue[waiting++] = cell;
  const order = new Uint32Array(size);
  const alone = new Uint32Array(size);
  let peeled = 0;
  while (waiting > 0) {
    const cell = queue[--waiting]!;
    if (degree[cell] !== 1) continue;
    const key = touching[cell]!;
    order[peeled] = key;
    alone[peeled++] = cell;
    const low = lows[key]!;
    const c0 = firstCell(highs[key]!, span);
    const c1 = (c0 + segment) ^ (low & mask);
    const c2 = (c0 + 2 * segment) ^ ((low >>> 16) & mask);
    touching[c0]! ^= key;
    touching[c1]! ^= key;
    touching[c2]! ^= key;
    if (--degree[c0]! === 1) queue[waiting++] = c0;
    if (--degree[c1]! === 1) queue[waiting++] = c1;
    if (--degree[c2]! === 1) queue[waiting++] = c2;
  }
  if (peeled !== size) return undefined;
  const cells = new Uint8Array(length);
  for (let i = size - 1; i >= 0; i--) {
    const key = order[i]!;
    const high = highs[key]!;
    const low = lows[key]!;
    const c0 = firstCell(high, span);
    const c1 = (c0 + segment) ^ (low & mask);
    const c2 = (c0 + 2 * segment) ^ ((low >>> 16) & mask);
    // This key's own cell is still 0; set it so that the XOR of the three cells is the fingerprint.
    cells[alone[i]!] = (high & 0xff) ^ cells[c0]! ^ cells[c1]! ^ cells[c2]!;
  }
  return { seed, segmentBits, span, cells };
}

function distinct(
  placements: Uint32Array,
  fingerprints: Uint32Array,
): { placements: Uint32Array; fingerprints: Uint32Array } {
  const seen = new Map<number, number>();
  const kept: number[] = [];
  for (let i = 0; i < placements.length; i++) {
    // A number can contain 53 of the 64 bits; the fingerprints are then compared in full.
    const key = placements[i]! * 2_097_152 + (fingerprints[i]! >>> 11);
    const earlier = seen.get(key);
    if (earlier !== undefined && fingerprints[earlier] === fingerprints[i]) continue;
    if (earlier === undefined) seen.set(key, i);
    kept.push(i);
  }
  return {
    placements: Uint32Array.from(kept, (i) => placements[i]!),
    fingerprints: Uint32Array.from(kept, (i) => fingerprints[i]!),
  };
}

/** False: the serial number is certainly not on the CRL. */
export function mayContain(
  shards: readonly FilterShard[],
  shardBits: number,
  placement: number,
  fingerprint: number,
): boolean {
  const { cells, span, segmentBits, seed } = shards[shardOf(placement, shardBits)]!;
  if (cells.length === 0) return false;
  const segment = 1 << segmentBits;
  const mask = segment - 1;
  const high = keyHigh(placement, fingerprint, seed);
  const low = keyLow(placement, high, seed);
  const c0 = firstCell(high, span);
  const c1 = (c0 + segment) ^ (low & mask);
  const c2 = (c0 + 2 * segment) ^ ((low >>> 16) & mask);
  return (cells[c0]! ^ cells[c1]! ^ cells[c2]!) === (high & 0xff);
}

const magic = 0x4d4b4631;

/** `MKF1`, number of shards, then per shard: seed, segmentBits, span, length, cells. Big-endian words. */
export function encodeFilter(shards: readonly FilterShard[]): Uint8Array {
  const octets = shards.reduce((sum, { cells }) => sum + 16 + cells.length, 8);
  const bytes = new Uint8Array(octets);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic);
  view.setUint32(4, shards.length);
  let at = 8;
  for (const { seed, segmentBits, span, cells } of shards) {
    for (const word of [seed, segmentBits, span, cells.length]) {
      view.setUint32(at, word);
      at += 4;
    }
    bytes.set(cells, at);
    at += cells.length;
  }
  return bytes;
}

/** Decodes a filter as views into `bytes`. Throws `dependency-unavailable` for any other octets. */
export function decodeFilter(bytes: Uint8Array): readonly FilterShard[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || view.getUint32(0) !== magic) throw damaged();
  const shards: FilterShard[] = [];
  let at = 8;
  for (let n = view.getUint32(4); n > 0; n--) {
    if (at + 16 > bytes.length) throw damaged();
    const [seed, segmentBits, span, length] = [0, 4, 8, 12].map((o) => view.getUint32(at + o));
    at += 16;
    if (at + length! > bytes.length) throw damaged();
    if (length! > 0 && length !== span! + 2 * 2 ** segmentBits!) throw damaged();
    const cells = bytes.subarray(at, at + length!);
    shards.push({ seed: seed!, segmentBits: segmentBits!, span: span!, cells });
    at += length!;
  }
  if (at !== bytes.length) throw damaged();
  return shards;
}

const damaged = (): MyKeyError =>
  new MyKeyError('dependency-unavailable', 'the membership filter is damaged');
