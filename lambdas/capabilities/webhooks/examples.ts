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
  'put-webhook': {
    summaryInJapanese: 'イベントの通知先を登録する',
    request: { url },
    response: webhook,
  },
  'get-webhook': {
    summaryInJapanese: '登録した通知先、その状態、通知を検証する鍵',
    response: webhook,
  },
  'delete-webhook': { summaryInJapanese: '通知先を外す', response: { removed: true } },
} as const satisfies OperationExamples;
