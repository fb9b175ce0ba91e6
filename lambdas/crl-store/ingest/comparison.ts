import { storeLimits } from '../limits.ts';
import type { Layer, StoredGeneration } from '../lookup/stored-generation.ts';
import type { ListScope } from '../lookup/stored-lists.ts';

/**
 * A part of the difference between two generations of one list: the entries on these pages of a new
 * layer that the former generation does not have. Both stay readable for a day after the former
 * list's nextUpdate.
 */
export interface Comparison extends ListScope {
  readonly former: Pick<StoredGeneration, 'layers'>;
  readonly layer: Layer;
  /** The first page. */
  readonly from: number;
  /** The page after the last. */
  readonly to: number;
}

/**
 * Divides the comparison of a generation with the one before it into parts that a worker can hold
 * in memory. Layers that both have, such as the complete CRL below a new delta CRL, are equal.
 *
 * Both layers place serials by the same seed wherever possible, so that the serials of a page are
 * on one or two pages of the former list.
 */
export function comparisonsOf(
  { issuerKeyId, scope, layers }: Pick<StoredGeneration, 'issuerKeyId' | 'scope' | 'layers'>,
  former: Pick<StoredGeneration, 'layers'>,
): readonly Comparison[] {
  const known = new Set(former.layers.map(({ id }) => id));
  const added = layers.filter(({ id, entries }) => !known.has(id) && entries > 0);
  return added.flatMap((layer) => {
    const { pages } = layer.layout;
    const parts = Math.ceil(pages / storeLimits.pagesPerComparison);
    return Array.from({ length: parts }, (_, part) => ({
      issuerKeyId,
      scope,
      former: { layers: former.layers },
      layer,
      from: part * storeLimits.pagesPerComparison,
      to: Math.min(pages, (part + 1) * storeLimits.pagesPerComparison),
    }));
  });
}
