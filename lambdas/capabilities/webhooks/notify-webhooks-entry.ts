import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { dynamoWebhookStore } from '../../platform/adapters/dynamodb/webhook-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { kmsWebhookKeys } from '../../platform/adapters/kms/webhook-keys.ts';
import { postNotice, targetRules } from '../../platform/adapters/webhook-post.ts';
import { notifyWebhooksHandler } from './notify-webhooks-handler.ts';

const tables = documentClient();
const kms = kmsClient();

export const handler = notifyWebhooksHandler({
  store: dynamoWebhookStore(tables, required('SERVICES_TABLE')),
  feed: {
    store: dynamoIdentityStore(tables, required('IDENTITY_TABLE')),
    keys: identityKeysOfEnvironment(kms),
  },
  keys: kmsWebhookKeys(kms, required('WEBHOOK_KEY_IDS').split(',')),
  rules: targetRules(),
  post: postNotice,
});
