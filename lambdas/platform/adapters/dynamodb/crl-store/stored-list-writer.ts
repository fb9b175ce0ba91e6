import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { createHash } from 'node:crypto';
import type { BuiltShard } from '../../../../crl-store/format/build-pages.ts';
import type {
  IngestAttempt,
  LayerDraft,
  ListWriter,
} from '../../../../crl-store/ingest/list-writer.ts';
import type { Comparison } from '../../../../crl-store/ingest/comparison.ts';
import { encodeFilter, type FilterShard } from '../../../../crl-store/format/membership-filter.ts';
import { entriesOfPage, type PageEntry } from '../../../../crl-store/format/page-codec.ts';
import type { Layer, StoredGeneration } from '../../../../crl-store/lookup/stored-generation.ts';
import type { ListScope } from '../../../../crl-store/lookup/stored-lists.ts';
import type { ComparisonFiles } from '../../s3/comparison-files.ts';
import type { FilterStore } from '../../s3/filter-store.ts';
import { conditional, dependable } from '../failures.ts';
import { writesPerBatch, type Item, type RetriedBatches } from '../retried-batches.ts';
import { attemptItem, pageItem, pageKey, pointerItem, sortableNumber } from './item-layout.ts';
import { readPointer, type CrlStoreTable } from './stored-lists-reader.ts';
import { adapterLimits } from '../../limits.ts';

/** The CRL store as ingestion writes it. */
export class StoredListWriter implements ListWriter {
  private readonly store: CrlStoreTable;
  private readonly batches: RetriedBatches;
  private readonly filters: FilterStore;
  private readonly comparisons: ComparisonFiles;

  constructor(
    store: CrlStoreTable,
    batches: RetriedBatches,
    filters: FilterStore,
    comparisons: ComparisonFiles,
  ) {
    this.store = store;
    this.batches = batches;
    this.filters = filters;
    this.comparisons = comparisons;
  }

  serving(scope: ListScope): Promise<StoredGeneration | undefined> {
    return readPointer(this.store, scope, true);
  }

  async writeLayer(
    draft: LayerDraft,
    shards: Iterable<BuiltShard>,
    onPages: (written: number) => void = () => {},
  ): Promise<Layer> {
    const filter: FilterShard[] = [];
    const batches = batchesOf(draft, shards, filter);
    const worker = async (): Promise<void> => {
      for (let next = batches.next(); !next.done; next = batches.next()) {
        await this.batches.put(next.value).catch((error: unknown) => {
          // Stops the other workers too, so that nothing more is written for an abandoned layer.
          batches.return(undefined);
          throw error;
        });
        onPages(next.value.length);
      }
    };
    await Promise.all(Array.from({ length: adapterLimits.concurrentPageWrites }, worker));
    const encoded = encodeFilter(filter);
    await this.filters.put(draft.id, encoded);
    return { ...draft, filterDigest: createHash('sha256').update(encoded).digest('hex') };
  }

  async *entriesOf(layer: Layer): AsyncIterable<PageEntry> {
    for (let page = 0; page < layer.layout.pages; page++) {
      const { Items } = await dependable(
        this.store.client.send(
          new QueryCommand({
            TableName: this.store.table,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': pageKey(layer.id, page, 0)['pk']! },
            ConsistentRead: true,
          }),
        ),
      );
      for (const item of Items ?? []) yield* entriesOfPage(item['page']!.B!);
    }
  }

  leaveComparisons(generationId: string, comparisons: readonly Comparison[]): Promise<void> {
    return this.comparisons.put(generationId, comparisons);
  }

  async switchTo(generation: StoredGeneration): Promise<'switched' | 'backwards'> {
    return conditional(
      this.store.client
        .send(
          new PutItemCommand({
            TableName: this.store.table,
            Item: pointerItem(generation),
            // RFC 5280 §5.2.3: CRL numbers of a scope only increase. A retry after a lost response
            // finds the generation that it has written itself.
            ConditionExpression:
              'attribute_not_exists(pk) OR generation = :generation OR (crlNumber < :number AND thisUpdate <= :thisUpdate)',
            ExpressionAttributeValues: {
              ':generation': pointerItem(generation)['generation']!,
              ':number': { S: sortableNumber(generation.crlNumber) },
              ':thisUpdate': { N: String(generation.thisUpdate) },
            },
          }),
        )
        .then(() => 'switched' as const),
      () => 'backwards' as const,
    );
  }

  async recordAttempt(attempt: IngestAttempt): Promise<void> {
    await dependable(
      this.store.client.send(
        new PutItemCommand({ TableName: this.store.table, Item: attemptItem(attempt) }),
      ),
    );
  }
}

/** Yields items in batches as they are produced; their keys are added to `filter`. */
function* batchesOf(
  draft: LayerDraft,
  shards: Iterable<BuiltShard>,
  filter: FilterShard[],
): Generator<readonly Item[], undefined> {
  const expiresAt = Math.ceil(draft.nextUpdate / 1000) + adapterLimits.replacedListKeptSeconds;
  let batch: Item[] = [];
  for (const shard of shards) {
    filter.push(shard.filter);
    for (const { page, part, bytes } of shard.pages) {
      batch.push(pageItem(draft.id, page, part, bytes, expiresAt));
      if (batch.length < writesPerBatch) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
  return undefined;
}
