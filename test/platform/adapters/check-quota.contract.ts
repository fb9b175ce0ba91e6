import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { CheckQuota } from '../../../lambdas/capabilities/revocation-checks/check-quota.ts';

const day = '2026-11-22';

const newService = () => `svc_${randomBytes(8).toString('hex')}`;

/** What every counter of identifiers must hold to. */
export function checkQuotaContract(open: () => CheckQuota): void {
  it('counts up to the bound, whole requests only', async () => {
    const [quota, service] = [open(), newService()];
    const take = (identifiers: number) => quota.take(service, day, identifiers, 10);
    expect([await take(11), await take(7), await take(4), await take(3), await take(1)]).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
  });

  it('keeps services and days apart', async () => {
    const [quota, service] = [open(), newService()];
    expect(await quota.take(service, day, 10, 10)).toBe(true);
    expect(await quota.take(newService(), day, 10, 10)).toBe(true);
    expect(await quota.take(service, '2026-11-23', 10, 10)).toBe(true);
  });

  it('counts a repeated question once, and again on another day or for another service', async () => {
    const [quota, service] = [open(), newService()];
    const take = (once: string, on = day, of = service) => quota.take(of, on, 6, 10, once);
    expect([await take('job-1'), await take('job-1'), await take('job-2')]).toEqual([
      true,
      true,
      false,
    ]);
    // What was refused left no name behind.
    expect(await take('job-2')).toBe(false);
    expect([await take('job-1', '2026-11-23'), await take('job-1', '2026-11-23')]).toEqual([
      true,
      true,
    ]);
    expect(await quota.take(service, '2026-11-23', 5, 10)).toBe(false);
    expect(await take('job-2', day, newService())).toBe(true);
  });

  it('counts once for concurrent repetitions', async () => {
    const [quota, service] = [open(), newService()];
    const taken = await Promise.all(
      Array.from({ length: 5 }, () => quota.take(service, day, 6, 10, 'job-1')),
    );
    expect(taken).toEqual([true, true, true, true, true]);
    expect(await quota.take(service, day, 4, 10)).toBe(true);
    expect(await quota.take(service, day, 1, 10)).toBe(false);
  });

  it('enforces the limit for concurrent requests', async () => {
    const [quota, service] = [open(), newService()];
    const taken = await Promise.all(
      Array.from({ length: 20 }, () => quota.take(service, day, 3, 10)),
    );
    expect(taken.filter(Boolean)).toHaveLength(3);
  });
}
