import { avalanche, serialHash } from './serial-hash.ts';

/**
 * How one generation's serials are spread. A serial's 32-bit hash picks its page by proportion, so a
 * run of hashes is a run of pages: a shard is the pages whose hashes share their top `shardBits`.
 */
export interface PageLayout {
  /** 32 bits. */
  readonly seed: number;
  /** A multiple of `2 ** shardBits`; fixed when the generation is built. */
  readonly pages: number;
  readonly shardBits: number;
}

/**
 * One page, with its keys and attribute names, is one item of at most 4 KB: one read unit. 64 octets
 * are left for what the adapter writes around it (a test counts them).
 */
export const pageBytes = 4096 - 64;

export const placementHash = (
  layout: Pick<PageLayout, 'seed'>,
  bytes: Uint8Array,
  start: number,
  length: number,
): number => serialHash(bytes, start, length, layout.seed);

/** A second hash, independent of the placement: with it a serial has 64 bits in the filter. */
export const filterHash = (
  layout: Pick<PageLayout, 'seed'>,
  bytes: Uint8Array,
  start: number,
  length: number,
): number => serialHash(bytes, start, length, avalanche(layout.seed ^ 0x5bd1e995));

/** hash × pages stays below 2^53 up to two million pages, some 800 million entries. */
export const pageOf = (hash: number, pages: number): number =>
  Math.floor((hash * pages) / 4_294_967_296);

export const shardOf = (hash: number, shardBits: number): number =>
  shardBits === 0 ? 0 : hash >>> (32 - shardBits);

/**
 * Shards of some 50,000 entries: their pages (0.5 MB) and the building of their filter (1 MB) stay in
 * a core's cache. 37 octets is an entry of JPKI with its reason; at most 2^12 shards.
 */
export function shardBitsFor(entriesBytes: number): number {
  const wanted = Math.ceil(Math.log2(Math.max(1, entriesBytes / 37 / 50_000)));
  return Math.min(12, Math.max(0, wanted));
}

/**
 * Pages for so many entries: filled, by chance, up to three standard deviations below their size, so
 * that about one page in a thousand overflows into a second item.
 */
export function pagesFor(entries: number, encodedBytes: number, shardBits: number): number {
  const shards = 2 ** shardBits;
  if (shards === 1 && encodedBytes <= pageBytes - 1) return 1;
  const perPage = ((pageBytes - 1) * entries) / encodedBytes;
  const wanted = entries / (perPage - 3 * Math.sqrt(perPage));
  return Math.max(1, Math.ceil(wanted / shards)) * shards;
}
