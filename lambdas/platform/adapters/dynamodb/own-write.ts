import { randomUUID } from 'node:crypto';
import type { Refusal } from './failures.ts';

/**
 * When the SDK retries a write whose response was lost, the condition of the retry fails on the
 * item that the first try wrote. A conditional write therefore stores a token in its item and
 * recognises its own item by it. `ReturnValuesOnConditionCheckFailure: 'ALL_OLD'` returns the item.
 */
export function ownWrite() {
  const writeToken = randomUUID();
  return {
    /** Stored in the item. */
    writeToken,
    /** True if the condition failed only because this write had already succeeded. */
    refusedItself: ({ oldItem }: Refusal): boolean =>
      (oldItem?.['writeToken'] as { readonly S?: string } | undefined)?.S === writeToken,
  };
}
