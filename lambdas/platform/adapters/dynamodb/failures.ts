import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { MyKeyError } from '../../../errors.ts';

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

export interface Refusal {
  /** In DynamoDB's attribute values, where `ReturnValuesOnConditionCheckFailure` asked for it. */
  readonly oldItem: Record<string, unknown> | undefined;
  /** One for each item of a transaction, in its order. */
  readonly reasons: readonly string[];
}
