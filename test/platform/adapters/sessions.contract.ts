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

const hour = 3_600_000;

/** What every idempotency store must hold to. */
export function idempotencyStoreContract(open: () => IdempotencyStore): void {
  it('gives the first answer to the same request, for as long as it is kept', async () => {
    const store = open();
    const key = fresh();
    expect(await store.begin(key, 'f1', now)).toEqual({ state: 'started' });
    expect(await store.begin(key, 'f1', now + 1)).toEqual({ state: 'running' });
    await store.complete(key, 'sealed', now + 2, 2 * hour);
    const answered = { state: 'answered', answer: 'sealed' };
    expect(await store.begin(key, 'f1', now + 3)).toEqual(answered);
    expect(await store.begin(key, 'f1', now + 2 * hour)).toEqual(answered);
    expect(await store.begin(key, 'f2', now + 3)).toEqual({ state: 'other-request' });
    expect(await store.begin(key, 'f1', now + 2 * hour + 2)).toEqual({ state: 'started' });
  });

  it('keeps a key for its request for a day, also when its answer is gone', async () => {
    const store = open();
    const key = fresh();
    await store.begin(key, 'f1', now);
    await store.complete(key, 'sealed', now, hour);
    expect(await store.begin(key, 'f2', now + 24 * hour - 1)).toEqual({ state: 'other-request' });
    expect(await store.begin(key, 'f2', now + 24 * hour)).toEqual({ state: 'started' });
  });

  it('frees the key of a run that was refused', async () => {
    const store = open();
    const key = fresh();
    await store.begin(key, 'f1', now);
    await store.forget(key);
    expect(await store.begin(key, 'f2', now)).toEqual({ state: 'started' });
  });

  it('lets only the same request run again after an unknown outcome', async () => {
    const store = open();
    const [left, died] = [fresh(), fresh()];
    await store.begin(left, 'f1', now);
    await store.leaveOpen(left);
    expect(await store.begin(left, 'f2', now + 1)).toEqual({ state: 'other-request' });
    expect(await store.begin(left, 'f1', now + 1)).toEqual({ state: 'started' });
    expect(await store.begin(left, 'f1', now + 2)).toEqual({ state: 'running' });
    await store.begin(died, 'f1', now);
    expect(await store.begin(died, 'f1', now + 29_999)).toEqual({ state: 'running' });
    expect(await store.begin(died, 'f2', now + 30_000)).toEqual({ state: 'other-request' });
    expect(await store.begin(died, 'f1', now + 30_000)).toEqual({ state: 'started' });
  });
}
