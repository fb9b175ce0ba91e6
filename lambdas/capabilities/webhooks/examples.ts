import { example, type OperationExamples } from '../../platform/http/example-values.ts';

const url = 'https://example.com/mykey-events';
const webhook = {
  url,
  registeredAt: example.time,
  state: 'active',
  publicKeys: [example.webhookKey],
} as const;

/** Heading for the API reference. */
export const about = 'Notices to a service that events wait in its feed.';
export const aboutInJapanese = 'Webhook による通知';

export const examples = {
  'put-webhook': { request: { url }, response: webhook },
  'get-webhook': { response: webhook },
  'delete-webhook': { response: { removed: true } },
} as const satisfies OperationExamples;
