import { buildFilterShard, type FilterShard } from './membership-filter.ts';
import { continued, entryOctetsOf, pageVersion, serialOctetsOf } from './page-codec.ts';
import { filterHash, pageBytes, pageOf, pagesFor, type PageLayout } from './page-layout.ts';
import type { RevocationIndex } from './revocation-index.ts';
import { serialHash } from './serial-hash.ts';

/** One item of the store: part 0 of every page exists, further parts only if the page overflowed. */
export interface Page {
  readonly page: number;
  readonly part: number;
  readonly bytes: Uint8Array;
}

export interface BuiltShard {
  readonly pages: readonly Page[];
  readonly filter: FilterShard;
}

export const layoutOf = (index: RevocationIndex): PageLayout => ({
  seed: index.seed,
  shardBits: index.shardBits,
  pages: pagesFor(index.entries, index.encodedBytes, index.shardBits),
});

/** Builds pages and filter shard by shard; it consumes the index. */
export function* buildShards(index: RevocationIndex, layout: PageLayout): Generator<BuiltShard> {
  for (let shard = 0; shard < 2 ** layout.shardBits; shard++) {
    yield buildShard(index.entriesIn(shard), index.take(shard), shard, layout);
  }
}

function buildShard(
  entries: number,
  blocks: readonly Uint8Array[],
  shard: number,
  layout: PageLayout,
): BuiltShard {
  const pageCount = layout.pages / 2 ** layout.shardBits;
  const firstPage = shard * pageCount;
  const area = new Uint8Array(pageCount * pageBytes);
  const fill = new Uint16Array(pageCount).fill(1);
  const placements = new Uint32Array(entries);
  const fingerprints = new Uint32Array(entries);
  const overflow = new Map<number, Uint8Array[]>();
  let n = 0;
  for (const block of blocks) {
    for (let at = 0; at < block.length;) {
      const tag = block[at]!;
      const length = serialOctetsOf(tag);
      const next = at + entryOctetsOf(tag);
      const hash = serialHash(block, at + 1, length, layout.seed);
      placements[n] = hash;
      fingerprints[n++] = filterHash(layout, block, at + 1, length);
      const page = pageOf(hash, layout.pages) - firstPage;
      const to = fill[page]!;
      if (to + next - at <= pageBytes && !(overflow.size > 0 && overflow.has(page))) {
        const base = page * pageBytes + to - at;
        for (let i = at; i < next; i++) area[base + i] = block[i]!;
        fill[page] = to + next - at;
      } else {
        spill(overflow, page, block.subarray(at, next));
      }
      at = next;
    }
  }
  const pages: Page[] = [];
  for (let page = 0; page < pageCount; page++) {
    const start = page * pageBytes;
    const rest = overflow.get(page) ?? [];
    const parts = [area.subarray(start, start + fill[page]!), ...rest];
    for (const [part, bytes] of parts.entries()) {
      bytes[0] = pageVersion | (part < parts.length - 1 ? continued : 0);
      pages.push({ page: firstPage + page, part, bytes });
    }
  }
  return { pages, filter: buildFilterShard(placements, fingerprints) };
}

/** Appends the entry to the page's last overflow part, or starts a new one. */
function spill(overflow: Map<number, Uint8Array[]>, page: number, entry: Uint8Array): void {
  const parts = overflow.get(page) ?? [];
  overflow.set(page, parts);
  const last = parts.at(-1);
  if (last && last.length + entry.length <= pageBytes) {
    parts[parts.length - 1] = Buffer.concat([last, entry]);
  } else {
    parts.push(Buffer.concat([Uint8Array.of(pageVersion), entry]));
  }
}
