import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { UsedChallenges } from '../../../lambdas/capabilities/challenges/operation.ts';

const fresh = () => ({
  nonce: randomBytes(16).toString('base64url'),
  expiresAt: Date.UTC(2026, 10, 22),
});

/** What every store of used challenges must hold to. */
export function usedChallengesContract(open: () => UsedChallenges): void {
  it('lets a challenge be used once, each for itself', async () => {
    const store = open();
    const [one, other] = [fresh(), fresh()];
    expect(await store.use(one)).toBe(true);
    expect(await store.use(one)).toBe(false);
    expect(await store.use(other)).toBe(true);
  });

  it('lets one of many concurrent presenters win', async () => {
    const store = open();
    const challenge = fresh();
    const uses = await Promise.all(Array.from({ length: 8 }, () => store.use(challenge)));
    expect(uses.filter(Boolean)).toHaveLength(1);
  });
}
