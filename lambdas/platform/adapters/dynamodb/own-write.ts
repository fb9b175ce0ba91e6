import { randomUUID } from 'node:crypto';
import type { Refusal } from './failures.ts';

/**
 * The SDK repeats a write whose answer was lost, and the condition of the second finds what the first
 * one wrote. So a conditional write leaves a token in its item, and knows by it that it was refused
 * by itself. `ReturnValuesOnConditionCheckFailure: 'ALL_OLD'` brings the item.
 */
export function ownWrite() {
  const writeToken = randomUUID();
  return {
    /** Goes into the item. */
    writeToken,
    /** Was the write refused because it had been done already? */
    refusedItself: ({ oldItem }: Refusal): boolean =>
      (oldItem?.['writeToken'] as { readonly S?: string } | undefined)?.S === writeToken,
  };
}
