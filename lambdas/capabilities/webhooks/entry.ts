import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoWebhookStore } from '../../platform/adapters/dynamodb/webhook-store.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { kmsWebhookKeys } from '../../platform/adapters/kms/webhook-keys.ts';
import { resolveAll, targetRules } from '../../platform/adapters/webhook-post.ts';
import { webhooksHandler } from './handler.ts';

const store = dynamoWebhookStore(documentClient(), required('SERVICES_TABLE'));
const keys = kmsWebhookKeys(kmsClient(), required('WEBHOOK_KEY_IDS').split(','));

export const handler = webhooksHandler(
  (now) => ({ store, rules: targetRules(), resolve: resolveAll, now }),
  keys,
  { publicBaseUrl: publicBaseUrl() },
);
