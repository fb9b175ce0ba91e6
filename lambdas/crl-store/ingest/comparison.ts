import { storeLimits } from '../limits.ts';
import type { Layer, StoredGeneration } from '../lookup/stored-generation.ts';
import type { ListScope } from '../lookup/stored-lists.ts';

/**
 * A part of the difference between two generations of one list: the entries on these pages of a layer
 * that only one of the generations has. Both stay readable for a day after the former
 * list's nextUpdate.
 */
export interface Comparison extends ListScope {
  readonly former: Pick<StoredGeneration, 'layers'>;
  /**
   * Present: `layer` is one of the former generation, and the part is about entries that this newer
   * generation no longer has. Absent: `layer` is a new one.
   */
  readonly current?: Pick<StoredGeneration, 'layers'>;
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
  const added = withoutThoseOf(former, layers);
  const dropped = withoutThoseOf({ layers }, former.layers);
  const parts = (layer: Layer, current?: Comparison['current']): readonly Comparison[] => {
    const { pages } = layer.layout;
    const count = Math.ceil(pages / storeLimits.pagesPerComparison);
    return Array.from({ length: count }, (_, part) => ({
      issuerKeyId,
      scope,
      former: { layers: former.layers },
      ...(current && { current }),
      layer,
      from: part * storeLimits.pagesPerComparison,
      to: Math.min(pages, (part + 1) * storeLimits.pagesPerComparison),
    }));
  };
  return [
    ...added.flatMap((layer) => parts(layer)),
    ...dropped.flatMap((layer) => parts(layer, { layers })),
  ];
}

function withoutThoseOf(
  { layers }: Pick<StoredGeneration, 'layers'>,
  some: readonly Layer[],
): readonly Layer[] {
  const known = new Set(layers.map(({ id }) => id));
  return some.filter(({ id, entries }) => !known.has(id) && entries > 0);
}
