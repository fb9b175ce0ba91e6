import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createTable, localDynamoDb } from './local-clients.ts';
import { startDynamoDb } from './start-dynamodb.ts';

/** Starts DynamoDB Local with one empty table for each name (`createTable`). */
export async function startTables(...names: readonly string[]) {
  const engine = await startDynamoDb({ heapMb: 256 });
  const client = localDynamoDb(engine.endpoint);
  for (const name of names) await createTable(client, name);
  return {
    /** Without the document client's conversion of values. */
    plainClient: client,
    client: DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
    }),
    async close() {
      client.destroy();
      await engine.close();
    },
  };
}
