import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { timestamp } from '../../platform/http/schemas/field-formats.ts';
import { webhookLimits } from './limits.ts';

export const webhooksWrite = {
  name: 'webhooks:write',
  description: 'Register the endpoint that is told when events wait',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

const url = z
  .string()
  .max(webhookLimits.urlCharacters)
  // A host name beyond ASCII is given in its ASCII form (RFC 5891).
  .regex(/^[!-~]+$/, { error: 'give the URL in ASCII' });

export const webhook = z
  .object({
    url,
    registeredAt: timestamp('Registered at'),
    state: z.enum(['active', 'failing', 'given-up']).meta({
      description: '`given-up` after three days without an acknowledgement: register again',
    }),
    failedAt: timestamp('The last notice that was not acknowledged').optional(),
    publicKeys: z.array(z.string()).meta({
      description:
        'Ed25519 public keys, `whpk_` and base64; a notice carries a signature of each. During a rotation there are two',
    }),
  })
  .meta({ id: 'Webhook' });

export const putWebhook = {
  id: 'put-webhook',
  method: 'PUT',
  path: '/v1/webhook',
  scope: webhooksWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Register the endpoint that is told when events wait',
  description:
    'A signed POST by the Standard Webhooks specification, at most one an hour, while events wait in the feed (`GET /v1/events`). https and public addresses only; redirects are not followed. Replaces the endpoint before; idempotent.',
  body: z.strictObject({ url }).meta({ id: 'PutWebhookRequest' }),
  responses: { 200: { description: 'The endpoint', schema: webhook } },
  problems: ['webhook-url-refused'],
} as const satisfies OperationContract;

export const getWebhook = {
  id: 'get-webhook',
  method: 'GET',
  path: '/v1/webhook',
  scope: webhooksWrite,
  maxBodyBytes: 0,
  summary: 'The registered endpoint, its state, and the keys that verify notices',
  responses: { 200: { description: 'The endpoint', schema: webhook } },
  problems: ['webhook-not-found'],
} as const satisfies OperationContract;

export const deleteWebhook = {
  id: 'delete-webhook',
  method: 'DELETE',
  path: '/v1/webhook',
  scope: webhooksWrite,
  maxBodyBytes: 0,
  summary: 'Remove the endpoint',
  responses: {
    200: {
      description: 'No notice is sent any more; also where none was registered',
      schema: z.object({ removed: z.literal(true) }).meta({ id: 'WebhookRemoved' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;
