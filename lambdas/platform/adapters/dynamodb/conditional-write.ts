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
 * Runs a conditional write. True: written; false: a condition did not hold. A conflict is neither: another
 * transaction holds an item for some milliseconds, and after it this write is tried again.
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

/** A transaction that meets another, a single write that meets one, or a repeat of one still running. */
const isConflict = (error: unknown): boolean =>
  error instanceof TransactionConflictException ||
  error instanceof TransactionInProgressException ||
  (error instanceof TransactionCanceledException &&
    reasonsOf(error).includes('TransactionConflict'));

/**
 * Puts what is not there yet, or what is over at `now` (its `validUntil`). False: it is there. The put
 * leaves a token, its own or the request's, so that it knows itself when the SDK repeats a try whose
 * answer was lost, or the caller repeats the request.
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

/** What a write leaves of an operation's `requestToken`: from it nobody makes the identifiers of the request. */
export const tokenOfRequest = (requestToken: string): string =>
  createHash('sha256').update(`write\n${requestToken}`).digest('base64url');
