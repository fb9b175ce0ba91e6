import { rfc3339 } from '../../pki/rfc3339.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import * as contract from './contract.ts';
import { webhookLimits } from './limits.ts';
import { findWebhook, registerWebhook, type RegistrationPorts } from './operation.ts';
import type { Webhook, WebhookPublicKeys } from './webhook.ts';

export function webhooksHandler(
  portsAt: (now: number) => RegistrationPorts,
  keys: WebhookPublicKeys,
  settings: HttpSettings,
) {
  const answer = async (webhook: Webhook) => ({
    status: 200,
    body: {
      url: webhook.url,
      registeredAt: rfc3339(webhook.registeredAt),
      state: stateOf(webhook),
      ...(webhook.failedAt !== undefined && { failedAt: rfc3339(webhook.failedAt) }),
      publicKeys: (await keys.publicKeys()).map(
        (key) => `whpk_${Buffer.from(key).toString('base64')}`,
      ),
    },
  });
  return functionHandler(
    operationHandler(
      contract.putWebhook,
      async ({ body, caller, now }) =>
        answer(await registerWebhook(caller.serviceId, body.url, portsAt(now))),
      settings,
    ),
    operationHandler(
      contract.getWebhook,
      async ({ caller, now }) => answer(await findWebhook(caller.serviceId, portsAt(now).store)),
      settings,
    ),
    operationHandler(
      contract.deleteWebhook,
      async ({ caller, now }) => {
        await portsAt(now).store.remove(caller.serviceId);
        return { status: 200, body: { removed: true } };
      },
      settings,
    ),
  );
}

function stateOf({ failures }: Webhook): 'active' | 'failing' | 'given-up' {
  if (failures >= webhookLimits.failedHours) return 'given-up';
  return failures > 0 ? 'failing' : 'active';
}
