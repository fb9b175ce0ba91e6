import {
  documentClient,
  dynamoDbClient,
} from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { libraryLinksHandler } from './handler.ts';

const records = {
  keys: identityKeysOfEnvironment(kmsClient()),
  store: dynamoIdentityStore(documentClient(dynamoDbClient()), required('IDENTITY_TABLE')),
};

export const handler = libraryLinksHandler((now) => ({ ...records, now }), {
  publicBaseUrl: publicBaseUrl(),
});
