import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { PageReader } from '../../../../crl-store/lookup/lookup-serials.ts';
import type { StoredLists } from '../../../../crl-store/lookup/stored-lists.ts';
import { describe, writeJsonLine } from '../../../http/request-log.ts';
import { ComparisonFiles } from '../../s3/comparison-files.ts';
import { FilterStore } from '../../s3/filter-store.ts';
import { requestLimits } from '../../request-limits.ts';
import { s3Client } from '../../s3/s3-client.ts';
import { RetriedBatches } from '../retried-batches.ts';
import { storedListsOver } from './stored-lists-over.ts';
import {
  readPointer,
  readPointers,
  type CrlStoreTable,
  type StoredListsReader,
} from './stored-lists-reader.ts';
import { StoredPageReader } from './stored-page-reader.ts';
import { StoredListWriter } from './stored-list-writer.ts';
import { adapterLimits } from '../../limits.ts';

export interface CrlStoreNames {
  /** REVOCATION_TABLE */
  readonly table: string;
  /** REVOCATION_BUCKET; without it, every serial number needs a page read. */
  readonly bucket?: string | undefined;
}

/** The CRL store for reading; one instance per process. */
export function openStoredLists({ table, bucket }: CrlStoreNames): StoredListsReader {
  return storedListsOver(
    { client: dynamoDb(adapterLimits.tableTryMs), table },
    {
      filters: bucket === undefined ? undefined : new FilterStore(s3Client('online'), bucket),
      onFilterUnread: (cause) =>
        writeJsonLine({ level: 'error', event: 'filter-unread', cause: describe(cause) }),
    },
  );
}

/**
 * The generations in service now, for callers that pin them for hours: strongly consistent reads, not
 * cached.
 */
export function openPointers(table: string): Pick<StoredLists, 'current' | 'all'> {
  const store = { client: dynamoDb(adapterLimits.tableTryMs), table };
  return {
    current: (scope) => readPointer(store, scope, true),
    all: () => readPointers(store, true),
  };
}

/** Pages of any generation, for comparing two: nearly every entry is on both, so no filter helps. */
export function openPages(table: string): PageReader {
  return new StoredPageReader(new RetriedBatches(dynamoDb(adapterLimits.tableTryMs), table));
}

/** The CRL store for ingestion. */
export function openListWriter({ table, bucket }: Required<CrlStoreNames>): StoredListWriter {
  return listWriterOver({ client: dynamoDb(10_000), table }, s3Client(), bucket!);
}

/** The CRL store for ingestion, over clients that the caller configures. */
export const listWriterOver = (
  store: CrlStoreTable,
  objects: Pick<S3Client, 'send'>,
  bucket: string,
  pause?: (ms: number) => Promise<unknown>,
): StoredListWriter =>
  new StoredListWriter(
    store,
    new RetriedBatches(store.client, store.table, pause),
    new FilterStore(objects, bucket),
    new ComparisonFiles(objects, bucket),
  );

/**
 * Timeout of a batch of 100 pages (400 KB), longer than for single items; `RetriedBatches` retries
 * batches.
 */
const dynamoDb = (tryMs: number): DynamoDBClient =>
  new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: requestLimits(tryMs),
  });
