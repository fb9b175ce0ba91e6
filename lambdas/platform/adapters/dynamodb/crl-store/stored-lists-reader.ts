import { GetItemCommand, QueryCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { MyKeyError } from '../../../../errors.ts';
import type { BulkLists } from '../../../../crl-store/lookup/bulk-check.ts';
import type { IngestAttempt } from '../../../../crl-store/ingest/list-writer.ts';
import { lookupSerials, type PageReader } from '../../../../crl-store/lookup/lookup-serials.ts';
import {
  packSerials,
  unpackEntries,
  type PackedEntries,
  type PackedSerials,
} from '../../../../crl-store/format/packed-serials.ts';
import type { ListRecords } from '../../../../crl-store/lookup/list-sources.ts';
import {
  isStoredGeneration,
  type StoredGeneration,
} from '../../../../crl-store/lookup/stored-generation.ts';
import type {
  Generation,
  ListScope,
  RevokedEntry,
  StoredLists,
} from '../../../../crl-store/lookup/stored-lists.ts';
import { dependable } from '../failures.ts';
import type { Item } from '../retried-batches.ts';
import { attemptOf, generationOf, pointerKey } from './item-layout.ts';
import { adapterLimits } from '../../limits.ts';

export interface CrlStoreTable {
  readonly client: Pick<DynamoDBClient, 'send'>;
  readonly table: string;
}

/** The store of ingested CRLs, as read by the validator, the bulk check and the jobs. */
export class StoredListsReader implements StoredLists, BulkLists, ListRecords {
  private readonly store: CrlStoreTable;
  private readonly pages: PageReader;
  private readonly clock: () => number;
  private readonly pointers = new Map<
    string,
    { readonly at: number; readonly generation: StoredGeneration | undefined }
  >();

  constructor(store: CrlStoreTable, pages: PageReader, clock: () => number = Date.now) {
    this.store = store;
    this.pages = pages;
    this.clock = clock;
  }

  async current(scope: ListScope): Promise<StoredGeneration | undefined> {
    const key = `${scope.issuerKeyId}#${scope.scope}`;
    const kept = this.pointers.get(key);
    const now = this.clock();
    if (kept && Math.abs(now - kept.at) < adapterLimits.pointerKeptMs) return kept.generation;
    const generation = await readPointer(this.store, scope, false);
    this.pointers.set(key, { at: now, generation });
    return generation;
  }

  async all(): Promise<readonly StoredGeneration[]> {
    return readPointers(this.store, false);
  }

  async attempts(): Promise<readonly IngestAttempt[]> {
    return (await queryAll(this.store, 'attempt')).map(attemptOf);
  }

  async lookup(
    generation: Generation,
    serials: readonly Uint8Array[],
  ): Promise<readonly (RevokedEntry | undefined)[]> {
    return unpackEntries(await this.lookupPacked(generation, packSerials(serials)));
  }

  lookupPacked(generation: Generation, serials: PackedSerials): Promise<PackedEntries> {
    if (!isStoredGeneration(generation)) {
      throw new MyKeyError('internal-error', 'the generation belongs to another store');
    }
    return lookupSerials(generation, serials, this.pages);
  }
}

export async function readPointer(
  { client, table }: CrlStoreTable,
  scope: ListScope,
  consistent: boolean,
): Promise<StoredGeneration | undefined> {
  const { Item } = await dependable(
    client.send(
      new GetItemCommand({
        TableName: table,
        Key: pointerKey(scope),
        ConsistentRead: consistent,
      }),
    ),
  );
  return Item && generationOf(Item);
}

/** Every list's pointer. */
export const readPointers = async (
  store: CrlStoreTable,
  consistent: boolean,
): Promise<readonly StoredGeneration[]> =>
  (await queryAll(store, 'list', consistent)).map(generationOf);

async function queryAll(
  { client, table }: CrlStoreTable,
  pk: string,
  consistent = false,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = await dependable(
      client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
          ConsistentRead: consistent,
          ...(from && { ExclusiveStartKey: from }),
        }),
      ),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return items;
}
