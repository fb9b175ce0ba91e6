import type { ErrorCode } from '../../errors.ts';
import type { BuiltShard } from '../format/build-pages.ts';
import type { PageEntry } from '../format/page-codec.ts';
import type { Layer, StoredGeneration } from '../lookup/stored-generation.ts';
import type { Comparison } from './comparison.ts';
import type { ListScope } from '../lookup/stored-lists.ts';

/** The last attempt to load a source, with the reason if the CRL was refused. */
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

/** A layer before its filter is built. */
export type LayerDraft = Omit<Layer, 'filterDigest'>;

/** Port: write access to the store of CRLs. Every call may throw `dependency-unavailable`. */
export interface ListWriter {
  /** The current generation, read without caches. */
  serving(scope: ListScope): Promise<StoredGeneration | undefined>;
  /**
   * Writes a layer's pages and filter, which lookups do not use before `switchTo`. It requests shards one by
   * one at the speed of the store. The items expire a day after the layer's nextUpdate.
   */
  writeLayer(
    draft: LayerDraft,
    shards: Iterable<BuiltShard>,
    onPages?: (written: number) => void,
  ): Promise<Layer>;
  /** Every entry of a layer. */
  entriesOf(layer: Layer): AsyncIterable<PageEntry>;
  /**
   * Leaves the comparison of a new generation with the one in service for whoever acts on it. Called
   * before `switchTo`, so that no switch is without; it may concern a generation that never serves.
   */
  leaveComparisons(generationId: string, comparisons: readonly Comparison[]): Promise<void>;
  /**
   * Atomically makes this generation the current one. Returns `backwards` if the current CRL has a higher or
   * equal number, or a later thisUpdate.
   */
  switchTo(generation: StoredGeneration): Promise<'switched' | 'backwards'>;
  recordAttempt(attempt: IngestAttempt): Promise<void>;
}
