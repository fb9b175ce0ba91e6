import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import {
  PutCommand,
  type DynamoDBDocumentClient,
  type TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MyKeyError } from '../../../errors.ts';
import { adapterLimits } from '../limits.ts';

export type TransactionItem = NonNullable<
  ConstructorParameters<typeof TransactWriteCommand>[0]['TransactItems']
>[number];

/**
 * Runs a conditional write. True: written. False: a condition failed. A conflict with another
 * transaction, which holds an item for some milliseconds, is neither; the write is retried.
 * @throws MyKeyError `dependency-unavailable`
 */
export async function written(send: () => Promise<unknown>): Promise<boolean> {
  for (let conflicts = 1; ; conflicts++) {
    try {
      await send();
      return true;
    } catch (cause) {
      if (isRefusal(cause)) return false;
      if (!isConflict(cause) || conflicts === adapterLimits.conflictTries) {
        throw new MyKeyError('dependency-unavailable', 'a table does not answer', { cause });
      }
    }
    await delay(2 ** (conflicts - 1) * (10 + Math.random() * 10));
  }
}

const reasonsOf = (error: TransactionCanceledException): readonly (string | undefined)[] =>
  error.CancellationReasons?.map(({ Code }) => Code) ?? [];

const isRefusal = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException ||
  (error instanceof TransactionCanceledException &&
    reasonsOf(error).includes('ConditionalCheckFailed'));

/**
 * A transaction conflicting with another, a single write conflicting with a transaction, or a
 * repeated request whose first try is still running.
 */
const isConflict = (error: unknown): boolean =>
  error instanceof TransactionConflictException ||
  error instanceof TransactionInProgressException ||
  (error instanceof TransactionCanceledException &&
    reasonsOf(error).includes('TransactionConflict'));

/**
 * Puts an item unless one exists that is still valid at `now` (its `validUntil`). False: one
 * exists. The put stores a token, its own or the request's, by which it recognises its own item
 * when the SDK retries after a lost response or the caller repeats the request.
 */
export function putOnce(
  client: DynamoDBDocumentClient,
  TableName: string,
  item: Readonly<Record<string, unknown>>,
  { now, token = randomBytes(12).toString('base64url') }: OnceOptions = {},
): Promise<boolean> {
  const over = now === undefined ? '' : ' OR validUntil <= :now';
  const command = new PutCommand({
    TableName,
    Item: { ...item, token },
    ConditionExpression: `attribute_not_exists(pk) OR #token = :token${over}`,
    ExpressionAttributeNames: { '#token': 'token' },
    ExpressionAttributeValues: { ':token': token, ...(now !== undefined && { ':now': now }) },
  });
  return written(() => client.send(command));
}

interface OnceOptions {
  readonly now?: number;
  readonly token?: string;
}

/**
 * A digest of an operation's `requestToken`, stored in the item: the request's identifiers cannot
 * be derived from it.
 */
export const tokenOfRequest = (requestToken: string): string =>
  createHash('sha256').update(`write\n${requestToken}`).digest('base64url');
