import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { listWriterOver } from '../../../lambdas/platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { storedListsOver } from '../../../lambdas/platform/adapters/dynamodb/crl-store/stored-lists-over.ts';
import { FilterStore } from '../../../lambdas/platform/adapters/s3/filter-store.ts';

const pause = async (): Promise<void> => {};

/** Writer and reader over one table and bucket; pauses are not waited for. */
export function openStore(
  client: Pick<DynamoDBClient, 'send'>,
  s3: Pick<S3Client, 'send'>,
  table: string,
  clock?: () => number,
  onFilterUnread?: (cause: unknown) => void,
) {
  const store = { client, table };
  return {
    writer: listWriterOver(store, s3, 'revocation', pause),
    lists: storedListsOver(store, {
      filters: new FilterStore(s3, 'revocation'),
      onFilterUnread,
      pause,
      clock,
    }),
  };
}

/** Calls and units that DynamoDB would charge, by what went over the wire. */
export interface Charged {
  readonly calls: Record<string, number>;
  writeUnits: number;
  readUnits: number;
  largestItem: number;
}

/** A client that counts, asking DynamoDB for what each call consumes. */
export function countingClient(client: DynamoDBClient): {
  readonly client: Pick<DynamoDBClient, 'send'>;
  readonly charged: Charged;
} {
  const charged: Charged = { calls: {}, writeUnits: 0, readUnits: 0, largestItem: 0 };
  const send = async (command: { input: object; constructor: { name: string } }) => {
    const name = command.constructor.name;
    charged.calls[name] = (charged.calls[name] ?? 0) + 1;
    Object.assign(command.input, { ReturnConsumedCapacity: 'TOTAL' });
    const answer = (await client.send(command as never)) as {
      ConsumedCapacity?: Capacity | readonly Capacity[];
    };
    const units = [answer.ConsumedCapacity ?? []]
      .flat()
      .reduce((sum: number, { CapacityUnits }: Capacity) => sum + (CapacityUnits ?? 0), 0);
    if (/Put|Write|Delete|Update/.test(name)) charged.writeUnits += units;
    else charged.readUnits += units;
    return answer;
  };
  return { client: { send: send as never }, charged };
}

interface Capacity {
  readonly CapacityUnits?: number;
}

/**
 * A client that takes only some of every batch, and now and then throttles a whole call: what a table
 * does that has not yet grown into its load.
 */
export function throttlingClient(client: DynamoDBClient): Pick<DynamoDBClient, 'send'> {
  let calls = 0;
  const send = async (command: { input: object }) => {
    calls++;
    if (calls % 5 === 0) {
      throw Object.assign(new Error('slow down'), {
        name: 'ProvisionedThroughputExceededException',
      });
    }
    if (!(command instanceof BatchWriteItemCommand)) return client.send(command as never);
    const [[table, requests]] = Object.entries(command.input.RequestItems!) as [
      [string, { PutRequest: object }[]],
    ];
    const taken = requests.slice(0, Math.ceil(requests.length / 2));
    const left = requests.slice(taken.length);
    await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: taken as never } }));
    return { UnprocessedItems: left.length > 0 ? { [table]: left } : {} };
  };
  return { send: send as never };
}
