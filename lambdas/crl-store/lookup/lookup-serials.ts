import { mayContain, type FilterShard } from '../format/membership-filter.ts';
import { notListed, type PackedEntries, type PackedSerials } from '../format/packed-serials.ts';
import {
  checkPage,
  entryOctetsOf,
  findEntry,
  isContinued,
  readEntry,
} from '../format/page-codec.ts';
import { filterHash, pageOf, placementHash } from '../format/page-layout.ts';
import type { Layer, StoredGeneration } from './stored-generation.ts';

/** Port: reads pages and filters. Both are immutable, so caches are allowed. */
export interface PageReader {
  /** Part `part` of each page, in the order of `pages` (distinct). Throws if a page is missing. */
  readPages(layer: Layer, pages: readonly number[], part: number): Promise<readonly Uint8Array[]>;
  /** Undefined if the filter is unavailable, or not worth loading for so few serial numbers. */
  filterOf(layer: Layer, serials: number): Promise<readonly FilterShard[] | undefined>;
}

const removeFromCrl = 8;

/**
 * Looks up serial numbers in one generation. The filter avoids reads of pages, and the pages decide. The
 * delta CRL's layer is read first, then the complete CRL for serial numbers without an entry there.
 */
export async function lookupSerials(
  generation: Pick<StoredGeneration, 'layers'>,
  serials: PackedSerials,
  reader: PageReader,
): Promise<PackedEntries> {
  const found = notListed(serials.count);
  for (const layer of generation.layers) await lookupInLayer(layer, serials, reader, found);
  // RFC 5280 §5.3.1: an entry with removeFromCRL means that the certificate is not revoked.
  for (let n = 0; n < serials.count; n++) {
    if (found.reasons[n] === removeFromCrl) found.seconds[n] = Number.NaN;
  }
  return found;
}

async function lookupInLayer(
  layer: Layer,
  serials: PackedSerials,
  reader: PageReader,
  found: PackedEntries,
): Promise<void> {
  if (layer.entries === 0) return;
  const filter = await reader.filterOf(layer, serials.count);
  /** Positions of serial numbers by page. */
  let asked = new Map<number, number[]>();
  const { layout } = layer;
  const { bytes, starts } = serials;
  for (let n = 0; n < serials.count; n++) {
    if (!Number.isNaN(found.seconds[n])) continue;
    const start = starts[n]!;
    const length = starts[n + 1]! - start;
    const placement = placementHash(layout, bytes, start, length);
    if (filter) {
      const fingerprint = filterHash(layout, bytes, start, length);
      if (!mayContain(filter, layout.shardBits, placement, fingerprint)) continue;
    }
    append(asked, pageOf(placement, layout.pages), n);
  }
  for (let part = 0; asked.size > 0; part++) {
    const numbers = [...asked.keys()];
    const pages = await reader.readPages(layer, numbers, part);
    const further = new Map<number, number[]>();
    for (const [i, number] of numbers.entries()) {
      const page = pages[i]!;
      checkPage(page);
      for (const n of asked.get(number)!) {
        if (!readHit(page, serials, n, found) && isContinued(page)) append(further, number, n);
      }
    }
    asked = further;
  }
}

/** True if this page has an entry for the serial number; the entry is written to `found`. */
function readHit(
  page: Uint8Array,
  { bytes, starts }: PackedSerials,
  n: number,
  found: PackedEntries,
): boolean {
  const start = starts[n]!;
  const length = starts[n + 1]! - start;
  let at = findEntry(page, bytes, start, length);
  if (at < 0) return false;
  let entry = readEntry(page, at);
  // If a delta CRL has two entries for a serial number, a revocation outweighs removeFromCRL.
  while (entry.reason === removeFromCrl) {
    at = findEntry(page, bytes, start, length, at + entryOctetsOf(page[at]!));
    if (at < 0) break;
    entry = readEntry(page, at);
  }
  found.seconds[n] = entry.seconds;
  found.reasons[n] = entry.reason;
  return true;
}

function append(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
