import { createHash } from 'node:crypto';
import type { BuiltShard } from '../../../crl-store/format/build-pages.ts';
import type { BulkLists } from '../../../crl-store/lookup/bulk-check.ts';
import type {
  IngestAttempt,
  LayerDraft,
  ListWriter,
} from '../../../crl-store/ingest/list-writer.ts';
import type { Comparison } from '../../../crl-store/ingest/comparison.ts';
import { lookupSerials, type PageReader } from '../../../crl-store/lookup/lookup-serials.ts';
import {
  decodeFilter,
  encodeFilter,
  type FilterShard,
} from '../../../crl-store/format/membership-filter.ts';
import {
  packSerials,
  unpackEntries,
  type PackedEntries,
  type PackedSerials,
} from '../../../crl-store/format/packed-serials.ts';
import { entriesOfPage, type PageEntry } from '../../../crl-store/format/page-codec.ts';
import type { Layer, StoredGeneration } from '../../../crl-store/lookup/stored-generation.ts';
import type {
  ListScope,
  RevokedEntry,
  StoredLists,
} from '../../../crl-store/lookup/stored-lists.ts';

/** The store of CRLs in memory; it passes the same contract suite as the DynamoDB adapter. */
export class MemoryLists implements StoredLists, BulkLists, ListWriter, PageReader {
  readonly pages = new Map<string, Uint8Array>();
  private readonly filters = new Map<string, readonly FilterShard[]>();
  private readonly pointers = new Map<string, StoredGeneration>();
  private readonly lastAttempts = new Map<string, IngestAttempt>();
  /** By generation id. */
  readonly comparisons = new Map<string, readonly Comparison[]>();
  pageReads = 0;

  async current({ issuerKeyId, scope }: ListScope): Promise<StoredGeneration | undefined> {
    return this.pointers.get(`${issuerKeyId}#${scope}`);
  }

  serving(scope: ListScope): Promise<StoredGeneration | undefined> {
    return this.current(scope);
  }

  async all(): Promise<readonly StoredGeneration[]> {
    return [...this.pointers.values()];
  }

  async lookup(
    generation: StoredGeneration,
    serials: readonly Uint8Array[],
  ): Promise<readonly (RevokedEntry | undefined)[]> {
    return unpackEntries(await this.lookupPacked(generation, packSerials(serials)));
  }

  lookupPacked(generation: StoredGeneration, serials: PackedSerials): Promise<PackedEntries> {
    return lookupSerials(generation, serials, this);
  }

  async readPages(
    { id }: Layer,
    pages: readonly number[],
    part: number,
  ): Promise<readonly Uint8Array[]> {
    this.pageReads += pages.length;
    return pages.map((page) => this.pages.get(`${id}/${page}/${part}`)!);
  }

  async filterOf({ id }: Layer): Promise<readonly FilterShard[] | undefined> {
    return this.filters.get(id);
  }

  async writeLayer(
    draft: LayerDraft,
    shards: Iterable<BuiltShard>,
    onPages: (written: number) => void = () => {},
  ): Promise<Layer> {
    const filter: FilterShard[] = [];
    for (const shard of shards) {
      filter.push(shard.filter);
      for (const { page, part, bytes } of shard.pages) {
        this.pages.set(`${draft.id}/${page}/${part}`, bytes);
      }
      onPages(shard.pages.length);
    }
    const encoded = encodeFilter(filter);
    this.filters.set(draft.id, decodeFilter(encoded));
    return { ...draft, filterDigest: createHash('sha256').update(encoded).digest('hex') };
  }

  async *entriesOf(layer: Layer): AsyncIterable<PageEntry> {
    for (const [key, page] of this.pages) {
      if (key.startsWith(`${layer.id}/`)) yield* entriesOfPage(page);
    }
  }

  async leaveComparisons(generationId: string, comparisons: readonly Comparison[]): Promise<void> {
    this.comparisons.set(generationId, comparisons);
  }

  async switchTo(generation: StoredGeneration): Promise<'switched' | 'backwards'> {
    const key = `${generation.issuerKeyId}#${generation.scope}`;
    const serving = this.pointers.get(key);
    const moves =
      !serving ||
      (BigInt(serving.crlNumber) < BigInt(generation.crlNumber) &&
        serving.thisUpdate <= generation.thisUpdate);
    if (!moves) return 'backwards';
    this.pointers.set(key, generation);
    return 'switched';
  }

  async recordAttempt(attempt: IngestAttempt): Promise<void> {
    this.lastAttempts.set(attempt.sourceId, attempt);
  }

  async attempts(): Promise<readonly IngestAttempt[]> {
    return [...this.lastAttempts.values()];
  }
}
