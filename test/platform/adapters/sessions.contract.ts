import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { AssertionStore } from '../../../lambdas/capabilities/tokens/assertion-store.ts';
import type { IdempotencyStore } from '../../../lambdas/platform/http/idempotency.ts';

const now = Date.UTC(2026, 10, 22);
const fresh = (): string => randomBytes(8).toString('hex');

/** What every store of used assertions must hold to. */
export function assertionStoreContract(open: () => AssertionStore): void {
  it('knows a jti from its second use on, for each client apart', async () => {
    const store = open();
    const jti = fresh();
    expect(await store.firstUse('cli_a', jti, now + 60_000, now)).toBe(true);
    expect(await store.firstUse('cli_a', jti, now + 60_000, now)).toBe(false);
    expect(await store.firstUse('cli_b', jti, now + 60_000, now)).toBe(true);
  });
}

/** What every idempotency store must hold to. */
export function idempotencyStoreContract(open: () => IdempotencyStore): void {
  it('gives the first answer to the same request, for a day', async () => {
    const store = open();
    const key = fresh();
    const answer = { status: 201, body: { ok: true } };
    expect(await store.begin(key, 'f1', now)).toEqual({ state: 'started' });
    expect(await store.begin(key, 'f1', now + 1)).toEqual({ state: 'running' });
    await store.complete(key, answer, now + 2);
    expect(await store.begin(key, 'f1', now + 3)).toEqual({ state: 'answered', answer });
    expect(await store.begin(key, 'f2', now + 3)).toEqual({ state: 'other-request' });
    expect(await store.begin(key, 'f2', now + 25 * 3_600_000)).toEqual({ state: 'started' });
  });

  it('frees the key of a run that failed, or never ended', async () => {
    const store = open();
    const [failed, died] = [fresh(), fresh()];
    await store.begin(failed, 'f1', now);
    await store.forget(failed);
    expect(await store.begin(failed, 'f2', now)).toEqual({ state: 'started' });
    await store.begin(died, 'f1', now);
    expect(await store.begin(died, 'f1', now + 61_000)).toEqual({ state: 'started' });
  });
}
