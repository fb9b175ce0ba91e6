import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StoredListsReader } from './stored-lists-reader.ts';
import { storedListsOver } from './stored-lists-over.ts';

/**
 * CRL store for looking up one certificate at a time: reads its page directly from the table,
 * because the filter would first have to be fetched from S3. Keeps the S3 client out of
 * latency-critical functions.
 */
export const listsWithoutFilter = (client: DynamoDBClient, table: string): StoredListsReader =>
  storedListsOver({ client, table });
