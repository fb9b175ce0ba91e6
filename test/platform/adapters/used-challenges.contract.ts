import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { UsedChallenges } from '../../../lambdas/capabilities/challenges/operation.ts';

const fresh = () => ({
  nonce: randomBytes(16).toString('base64url'),
  expiresAt: Date.UTC(2026, 10, 22),
});

/** What every store of used challenges must hold to. */
export function usedChallengesContract(open: () => UsedChallenges): void {
  it('lets each challenge be used by one request', async () => {
    const store = open();
    const [one, other] = [fresh(), fresh()];
    expect(await store.use(one, 'first')).toBe(true);
    expect(await store.use(one, 'second')).toBe(false);
    expect(await store.use(other, 'second')).toBe(true);
  });

  it('knows the request that has used it', async () => {
    const store = open();
    const challenge = fresh();
    expect(await store.use(challenge, 'first')).toBe(true);
    expect(await store.use(challenge, 'second')).toBe(false);
    expect(await store.use(challenge, 'first')).toBe(true);
  });

  it('allows exactly one of many concurrent presentations', async () => {
    const store = open();
    const challenge = fresh();
    const uses = await Promise.all(
      Array.from({ length: 8 }, (_, request) => store.use(challenge, String(request))),
    );
    expect(uses.filter(Boolean)).toHaveLength(1);
  });
}
