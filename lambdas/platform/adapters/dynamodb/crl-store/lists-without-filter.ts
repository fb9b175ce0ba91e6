import { RetriedBatches } from '../retried-batches.ts';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { StoredListsReader } from './stored-lists-reader.ts';
import { StoredPageReader } from './stored-page-reader.ts';

/**
 * CRL store for looking up one certificate at a time: reads its page directly from the table,
 * because the filter would first have to be fetched from S3. Keeps the S3 client out of
 * latency-critical functions.
 */
export const listsWithoutFilter = (client: DynamoDBClient, table: string): StoredListsReader =>
  new StoredListsReader(
    { client, table },
    new StoredPageReader(new RetriedBatches(client, table), undefined),
  );
