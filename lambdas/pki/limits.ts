import type { RevocationBudget } from './revocation/revocation-policy.ts';

/**
 * An API gateway answers within 29 s, a person at a counter waits for about five. One responder may
 * take half of that; a warm read of two list items takes some 10 ms, a cold one up to a second.
 */
export const defaultRevocationBudget: RevocationBudget = {
  totalMs: 5000,
  listsMs: 1000,
  responderMs: 2500,
};
