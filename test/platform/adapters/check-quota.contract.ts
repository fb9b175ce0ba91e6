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

  it('enforces the limit for concurrent requests', async () => {
    const [quota, service] = [open(), newService()];
    const taken = await Promise.all(
      Array.from({ length: 20 }, () => quota.take(service, day, 3, 10)),
    );
    expect(taken.filter(Boolean)).toHaveLength(3);
  });
}
