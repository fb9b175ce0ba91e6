import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import { MyKeyError } from '../../../errors.ts';
import { adapterLimits } from '../limits.ts';

/** Runs a DynamoDB call whose only good end is success; the SDK's error stays as the cause. */
export async function dependable<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw new MyKeyError('dependency-unavailable', 'a table does not answer', { cause });
  }
}

/**
 * Runs a conditional write (or transaction). `refused` gets the old item of a single write, or the
 * reason codes of a transaction, when its condition did not hold.
 */
export async function conditional<T, R>(
  call: Promise<T>,
  refused: (why: Refusal) => R | Promise<R>,
): Promise<T | R> {
  try {
    return await call;
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) {
      return refused({ oldItem: cause.Item, reasons: ['ConditionalCheckFailed'] });
    }
    if (cause instanceof TransactionCanceledException) {
      const reasons = cause.CancellationReasons?.map(({ Code }) => Code ?? 'None') ?? [];
      // A conflict is another transaction on the same items: it has won, the condition has not held.
      if (
        reasons.some((code) => code === 'ConditionalCheckFailed' || code === 'TransactionConflict')
      ) {
        return refused({ oldItem: undefined, reasons });
      }
    }
    throw new MyKeyError('dependency-unavailable', 'a table does not answer', { cause });
  }
}

/**
 * Runs a transaction. Another transaction that holds an item for some milliseconds is no refusal:
 * after it, this one is written or refused. `refused` gets one reason for each item.
 * @throws MyKeyError `dependency-unavailable`, also where conflicts do not end
 */
export async function transaction<R>(
  send: () => Promise<unknown>,
  refused: (why: Refusal) => R | Promise<R>,
): Promise<R | undefined> {
  for (let tries = 1; ; tries++) {
    let isConflict = false;
    const result = await conditional<undefined, R | undefined>(
      send().then(() => undefined),
      (why) => {
        isConflict = !why.reasons.includes('ConditionalCheckFailed');
        return isConflict ? undefined : refused(why);
      },
    );
    if (!isConflict) return result;
    if (tries === adapterLimits.conflictTries) {
      throw new MyKeyError('dependency-unavailable', 'a table is held by other writers');
    }
    await delay(2 ** (tries - 1) * (10 + Math.random() * 10));
  }
}

export interface Refusal {
  /** In DynamoDB's attribute values, where `ReturnValuesOnConditionCheckFailure` asked for it. */
  readonly oldItem: Record<string, unknown> | undefined;
  /** One for each item of a transaction, in its order. */
  readonly reasons: readonly string[];
}
