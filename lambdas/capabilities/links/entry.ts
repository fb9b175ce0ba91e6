import {
  documentClient,
  dynamoDbClient,
} from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { retentionOfEnvironment } from '../../platform/adapters/retention.ts';
import { linksHandler } from './handler.ts';

const records = {
  keys: identityKeysOfEnvironment(kmsClient()),
  store: dynamoIdentityStore(documentClient(dynamoDbClient()), required('IDENTITY_TABLE')),
  retention: retentionOfEnvironment(),
};

export const handler = linksHandler((now) => ({ ...records, now }), {
  publicBaseUrl: publicBaseUrl(),
});
