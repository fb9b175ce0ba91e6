import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { IdentityIndex } from '../../../people/identity-store.ts';
import { readsPerBatch, RetriedBatches } from './retried-batches.ts';

/** The identity table, asked for 100 records in one request: a read unit each, as by single reads. */
export function dynamoIdentityIndex(
  client: Pick<DynamoDBClient, 'send'>,
  table: string,
): IdentityIndex {
  const batches = new RetriedBatches(client, table);
  return {
    async existing(keys) {
      const found: { pk: string; sk: string }[] = [];
      for (let at = 0; at < keys.length; at += readsPerBatch) {
        const batch = keys
          .slice(at, at + readsPerBatch)
          .map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
        for (const { pk, sk } of await batches.get(batch, true))
          found.push({ pk: pk!.S!, sk: sk!.S! });
      }
      return found;
    },
  };
}
