import { checkPage, entriesOfPage, isContinued, type PageEntry } from '../format/page-codec.ts';
import { packSerials } from '../format/packed-serials.ts';
import type { Comparison } from '../ingest/comparison.ts';
import { lookupSerials, type PageReader } from './lookup-serials.ts';

/** RFC 5280 §5.3.1 */
const certificateHold = 6;
/** RFC 5280 §5.3.1: the certificate is not revoked any more. */
const removeFromCrl = 8;

export interface Difference {
  /**
   * Entries that the former generation does not have, in no order that means anything. An entry that
   * was listed before with another reason is not new.
   */
  readonly listed: readonly PageEntry[];
  /**
   * Entries of the former generation with the reason certificateHold that the newer one does not
   * have: the hold was released, or the certificate has expired (RFC 5280 §5.3.1, §3.3). No other
   * revocation can be undone.
   */
  readonly released: readonly PageEntry[];
}

/** Reads one part of a comparison. */
export async function differenceOf(
  { layer, from, to, former, current }: Comparison,
  reader: PageReader,
): Promise<Difference> {
  const entries = await entriesOnPages(reader, layer, from, to);
  if (current !== undefined) {
    const held = entries.filter(({ reason }) => reason === certificateHold);
    const gone = await notIn(held, current, reader);
    // A delta CRL above the complete one may have released the hold before, or made it final.
    const isTop = former.layers[0]?.id === layer.id;
    return { listed: [], released: isTop ? gone : await onHold(gone) };
  }
  const adding = entries.filter(({ reason }) => reason !== removeFromCrl);
  const removing = entries.filter(({ reason }) => reason === removeFromCrl);
  return {
    listed: await notIn(adding, former, reader),
    released: await onHold(await notIn(removing, { layers: [layer] }, reader)),
  };

  /** Those that the former generation has, with the entry that it has. */
  async function onHold(some: readonly PageEntry[]): Promise<readonly PageEntry[]> {
    if (some.length === 0) return [];
    const { seconds, reasons } = await lookupSerials(former, packed(some), reader);
    return some.flatMap(({ serial }, n) =>
      !Number.isNaN(seconds[n]) && reasons[n] === certificateHold
        ? [{ serial, seconds: seconds[n]!, reason: certificateHold }]
        : [],
    );
  }
}

async function entriesOnPages(
  reader: PageReader,
  layer: Comparison['layer'],
  from: number,
  to: number,
): Promise<readonly PageEntry[]> {
  const entries: PageEntry[] = [];
  let pages = Array.from({ length: to - from }, (_, n) => from + n);
  for (let part = 0; pages.length > 0; part++) {
    const read = await reader.readPages(layer, pages, part);
    for (const page of read) {
      checkPage(page);
      entries.push(...entriesOfPage(page));
    }
    pages = pages.filter((_, n) => isContinued(read[n]!));
  }
  return entries;
}

async function notIn(
  entries: readonly PageEntry[],
  generation: Comparison['former'],
  reader: PageReader,
): Promise<readonly PageEntry[]> {
  if (entries.length === 0) return [];
  const { seconds } = await lookupSerials(generation, packed(entries), reader);
  return entries.filter((_, n) => Number.isNaN(seconds[n]));
}

const packed = (entries: readonly PageEntry[]) => packSerials(entries.map(({ serial }) => serial));
