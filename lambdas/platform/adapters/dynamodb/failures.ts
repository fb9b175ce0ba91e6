import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { setTimeout as delay } from 'node:timers/promises';
import { MyKeyError } from '../../../errors.ts';
import { adapterLimits } from '../limits.ts';

/** Runs a DynamoDB call that has no expected failure; the SDK's error becomes the cause. */
export async function dependable<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw new MyKeyError('dependency-unavailable', 'a table does not answer', { cause });
  }
}

/**
 * Runs a conditional write or transaction. If its condition failed, calls `refused` with the old
 * item of a single write or the reason codes of a transaction.
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
      // A transaction conflict counts as a failed condition: the other transaction wrote the same
      // items.
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
 * Runs a transaction. Conflicts with other transactions, which hold an item for some milliseconds,
 * are retried. `refused` gets one reason for each item.
 * @throws MyKeyError `dependency-unavailable`, also if conflicts persist
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
      throw new MyKeyError(
        'dependency-unavailable',
        'repeat the request: other transactions hold the same items',
      );
    }
    await delay(2 ** (tries - 1) * (10 + Math.random() * 10));
  }
}

export interface Refusal {
  /**
   * The old item as DynamoDB attribute values, if `ReturnValuesOnConditionCheckFailure` requested
   * it.
   */
  readonly oldItem: Record<string, unknown> | undefined;
  /** One reason code for each item of a transaction, in order. */
  readonly reasons: readonly string[];
}
