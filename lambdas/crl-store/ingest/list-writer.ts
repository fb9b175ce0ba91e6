import type { ErrorCode } from '../../errors.ts';
import type { BuiltShard } from '../format/build-pages.ts';
import type { PageEntry } from '../format/page-codec.ts';
import type { Layer, StoredGeneration } from '../lookup/stored-generation.ts';
import type { ListScope } from '../lookup/stored-lists.ts';

/** The last attempt to load a source: a refused list is an event with its reason. */
export interface IngestAttempt {
  readonly sourceId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly outcome: 'switched' | 'unchanged' | 'refused';
  readonly code?: ErrorCode;
  /** For people; no personal data. */
  readonly message?: string;
  readonly crlNumber?: string;
}

/** A layer before its filter is known. */
export type LayerDraft = Omit<Layer, 'filterDigest'>;

/** Port: the store of lists as ingestion writes it. Every call throws `dependency-unavailable`. */
export interface ListWriter {
  /** What serves now, read past every cache. */
  serving(scope: ListScope): Promise<StoredGeneration | undefined>;
  /**
   * Writes a layer's pages and filter; nobody can see them yet. Shards are taken one by one as the
   * store keeps up. Gone by themselves a day after the layer's nextUpdate.
   */
  writeLayer(
    draft: LayerDraft,
    shards: Iterable<BuiltShard>,
    onPages?: (written: number) => void,
  ): Promise<Layer>;
  /** Every entry of a layer. */
  entriesOf(layer: Layer): AsyncIterable<PageEntry>;
  /**
   * The atomic switch: makes this generation the serving one. `backwards` when the serving list has a
   * higher or the same number, or a later thisUpdate.
   */
  switchTo(generation: StoredGeneration): Promise<'switched' | 'backwards'>;
  recordAttempt(attempt: IngestAttempt): Promise<void>;
}
