import type { Webhook, WebhookStore } from '../../lambdas/capabilities/webhooks/webhook.ts';

/** Endpoints in memory. */
export function memoryWebhookStore(): WebhookStore {
  const kept = new Map<string, Webhook>();
  return {
    get: async (serviceId) => kept.get(serviceId),
    put: async (webhook) => void kept.set(webhook.serviceId, webhook),
    async recordOutcome({ serviceId, url, registeredAt }, { failures, failedAt }) {
      const found = kept.get(serviceId);
      if (found?.url !== url || found.registeredAt !== registeredAt) return;
      const { failedAt: _former, ...rest } = found;
      kept.set(serviceId, { ...rest, failures, ...(failedAt !== undefined && { failedAt }) });
    },
    remove: async (serviceId) => void kept.delete(serviceId),
    list: async () => [...kept.values()],
  };
}
