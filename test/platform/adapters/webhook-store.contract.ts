import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Webhook, WebhookStore } from '../../../lambdas/capabilities/webhooks/webhook.ts';

const newWebhook = (): Webhook => ({
  serviceId: `svc_${randomBytes(6).toString('hex')}`,
  url: 'https://example.com/a',
  registeredAt: 1_000,
  failures: 0,
});

/** What every store of endpoints must hold to. */
export function webhookStoreContract(open: () => WebhookStore): void {
  it('keeps one endpoint for each service until it is removed', async () => {
    const store = open();
    const one = newWebhook();
    expect(await store.get(one.serviceId)).toBeUndefined();
    await store.put(one);
    const other = { ...one, url: 'https://example.com/b' };
    await store.put(other);
    await store.put(newWebhook());
    expect(await store.get(one.serviceId)).toEqual(other);
    const mine = (await store.list()).filter(({ serviceId }) => serviceId === one.serviceId);
    expect(mine).toEqual([other]);
    await store.remove(one.serviceId);
    await store.remove(one.serviceId);
    expect(await store.get(one.serviceId)).toBeUndefined();
  });

  it('records failures and their end, of the endpoint that was asked only', async () => {
    const store = open();
    const one = newWebhook();
    await store.put(one);
    await store.recordOutcome(one, { failures: 2, failedAt: 5_000 });
    expect(await store.get(one.serviceId)).toEqual({ ...one, failures: 2, failedAt: 5_000 });
    await store.recordOutcome(one, { failures: 0 });
    expect(await store.get(one.serviceId)).toEqual(one);
    const later = { ...one, registeredAt: 2_000 };
    await store.put(later);
    await store.recordOutcome(one, { failures: 3, failedAt: 6_000 });
    expect(await store.get(one.serviceId)).toEqual(later);
    await store.remove(one.serviceId);
    await store.recordOutcome(one, { failures: 3, failedAt: 6_000 });
    expect(await store.get(one.serviceId)).toBeUndefined();
  });
}
