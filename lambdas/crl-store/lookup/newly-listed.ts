import { checkPage, entriesOfPage, isContinued, type PageEntry } from '../format/page-codec.ts';
import { packSerials } from '../format/packed-serials.ts';
import type { Comparison } from '../ingest/comparison.ts';
import { lookupSerials, type PageReader } from './lookup-serials.ts';

/** RFC 5280 §5.3.1: the certificate is not revoked any more. */
const removeFromCrl = 8;

/**
 * The entries of one part of a comparison that the former generation does not have, in no order
 * that means anything. An entry that was listed before with another reason is not new.
 */
export async function newlyListed(
  { layer, from, to, former }: Comparison,
  reader: PageReader,
): Promise<readonly PageEntry[]> {
  const entries: PageEntry[] = [];
  let pages = Array.from({ length: to - from }, (_, n) => from + n);
  for (let part = 0; pages.length > 0; part++) {
    const read = await reader.readPages(layer, pages, part);
    for (const page of read) {
      checkPage(page);
      for (const entry of entriesOfPage(page))
        if (entry.reason !== removeFromCrl) entries.push(entry);
    }
    pages = pages.filter((_, n) => isContinued(read[n]!));
  }
  const serials = packSerials(entries.map(({ serial }) => serial));
  const { seconds } = await lookupSerials(former, serials, reader);
  return entries.filter((_, n) => Number.isNaN(seconds[n]));
}
