import { avalanche, serialHash } from './serial-hash.ts';

/**
 * The distribution of one generation's serial numbers over pages. The page number is proportional to the
 * 32-bit hash of the serial number, so a shard (hashes with equal top `shardBits`) is a range of pages.
 */
export interface PageLayout {
  /** 32 bits. */
  readonly seed: number;
  /** A multiple of `2 ** shardBits`; fixed when the generation is built. */
  readonly pages: number;
  readonly shardBits: number;
}

/**
 * A page is one DynamoDB item of at most 4 KB, i.e. one read unit, including 64 octets for keys and
 * attribute names (a test counts them).
 */
export const pageBytes = 4096 - 64;

export const placementHash = (
  layout: Pick<PageLayout, 'seed'>,
  bytes: Uint8Array,
  start: number,
  length: number,
): number => serialHash(bytes, start, length, layout.seed);

/** A second hash, independent of the placement hash; together they form the 64-bit key of the filter. */
export const filterHash = (
  layout: Pick<PageLayout, 'seed'>,
  bytes: Uint8Array,
  start: number,
  length: number,
): number => serialHash(bytes, start, length, avalanche(layout.seed ^ 0x5bd1e995));

/** hash × pages is below 2^53 for up to two million pages, about 800 million entries. */
export const pageOf = (hash: number, pages: number): number =>
  Math.floor((hash * pages) / 4_294_967_296);

export const shardOf = (hash: number, shardBits: number): number =>
  shardBits === 0 ? 0 : hash >>> (32 - shardBits);

/**
 * Shards have about 50,000 entries, so that their pages (0.5 MB) and the construction of their filter (1 MB)
 * fit in a core's cache. A JPKI entry with a reason takes 37 octets. At most 2^12 shards.
 */
export function shardBitsFor(entriesBytes: number): number {
  const wanted = Math.ceil(Math.log2(Math.max(1, entriesBytes / 37 / 50_000)));
  return Math.min(12, Math.max(0, wanted));
}

/**
 * Number of pages for the entries: the expected fill is three standard deviations below the page size, so
 * that about one page in a thousand overflows into a second item.
 */
export function pagesFor(entries: number, encodedBytes: number, shardBits: number): number {
  const shards = 2 ** shardBits;
  if (shards === 1 && encodedBytes <= pageBytes - 1) return 1;
  const perPage = ((pageBytes - 1) * entries) / encodedBytes;
  const wanted = entries / (perPage - 3 * Math.sqrt(perPage));
  return Math.max(1, Math.ceil(wanted / shards)) * shards;
}
