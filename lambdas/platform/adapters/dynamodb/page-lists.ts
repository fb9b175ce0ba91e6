import { PatientBatches } from './patient-batches.ts';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RevocationLists } from './revocation-lists.ts';
import { RevocationPages } from './revocation-pages.ts';

/**
 * The store of lists for one certificate at a time: its page is read straight from the table, since a
 * filter would have to come from S3 first. Keeps the S3 client out of the hot functions.
 */
export const pageLists = (client: DynamoDBClient, table: string): RevocationLists =>
  new RevocationLists(
    { client, table },
    new RevocationPages(new PatientBatches(client, table), undefined),
  );
