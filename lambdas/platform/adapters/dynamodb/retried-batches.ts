import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type AttributeValue,
  type DynamoDBClient,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import { MyKeyError } from '../../../errors.ts';
import { adapterLimits } from '../limits.ts';

/** An item or a key, as DynamoDB attribute values. */
export type Item = Record<string, AttributeValue>;

export const writesPerBatch = adapterLimits.writesPerBatch;
export const readsPerBatch = adapterLimits.readsPerBatch;

/**
 * Repeats a batch until DynamoDB has processed every item. Unprocessed items and throttled requests
 * are retried after a random pause of up to 50 ms × 2^n, at most 5 s (full jitter, so that writers
 * do not retry together). Eleven tries take at most half a minute; longer throttling is not a
 * burst.
 */
export class RetriedBatches {
  private readonly client: Pick<DynamoDBClient, 'send'>;
  private readonly table: string;
  private readonly pause: (ms: number) => Promise<unknown>;

  constructor(
    client: Pick<DynamoDBClient, 'send'>,
    table: string,
    pause: (ms: number) => Promise<unknown> = delay,
  ) {
    this.client = client;
    this.table = table;
    this.pause = pause;
  }

  /** At most 25 items. Throws `dependency-unavailable`. */
  async put(items: readonly Item[]): Promise<void> {
    let left: WriteRequest[] = items.map((Item) => ({ PutRequest: { Item } }));
    for (let attempt = 0; left.length > 0; attempt++) {
      await this.wait(attempt);
      const RequestItems = { [this.table]: left };
      const answer = await unlessThrottled(() =>
        this.client.send(new BatchWriteItemCommand({ RequestItems })),
      );
      if (answer) left = answer.UnprocessedItems?.[this.table] ?? [];
    }
  }

  /** At most 100 distinct keys; the items that exist, in any order. Throws `dependency-unavailable`. */
  async get(keys: readonly Item[], consistent: boolean): Promise<readonly Item[]> {
    const items: Item[] = [];
    let left: Item[] = [...keys];
    for (let attempt = 0; left.length > 0; attempt++) {
      await this.wait(attempt);
      const RequestItems = { [this.table]: { Keys: left, ConsistentRead: consistent } };
      const answer = await unlessThrottled(() =>
        this.client.send(new BatchGetItemCommand({ RequestItems })),
      );
      if (!answer) continue;
      items.push(...(answer.Responses?.[this.table] ?? []));
      left = answer.UnprocessedKeys?.[this.table]?.Keys ?? [];
    }
    return items;
  }

  private async wait(attempt: number): Promise<void> {
    if (attempt === 0) return;
    if (attempt > 10) {
      throw new MyKeyError('dependency-unavailable', 'the table throttles for too long');
    }
    await this.pause(Math.random() * Math.min(5_000, 50 * 2 ** attempt));
  }
}

const throttles = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
]);

/** Undefined if the whole request was throttled. */
async function unlessThrottled<T>(send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await send();
  } catch (cause) {
    if (cause instanceof Error && throttles.has(cause.name)) return undefined;
    throw new MyKeyError('dependency-unavailable', 'the table does not answer', { cause });
  }
}
