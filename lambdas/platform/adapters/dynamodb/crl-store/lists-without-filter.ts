import { RetriedBatches } from '../retried-batches.ts';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { StoredListsReader } from './stored-lists-reader.ts';
import { StoredPageReader } from './stored-page-reader.ts';

/**
 * The store of lists for one certificate at a time: its page is read straight from the table, since a
 * filter would have to come from S3 first. Keeps the S3 client out of the hot functions.
 */
export const listsWithoutFilter = (client: DynamoDBClient, table: string): StoredListsReader =>
  new StoredListsReader(
    { client, table },
    new StoredPageReader(new RetriedBatches(client, table), undefined),
  );
