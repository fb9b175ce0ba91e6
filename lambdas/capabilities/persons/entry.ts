import {
  documentClient,
  dynamoDbClient,
} from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdempotencyStore } from '../../platform/adapters/dynamodb/idempotency-store.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { personsHandler } from './handler.ts';

const tables = documentClient(dynamoDbClient());
const records = {
  keys: identityKeysOfEnvironment(kmsClient()),
  store: dynamoIdentityStore(tables, required('IDENTITY_TABLE')),
};

export const handler = personsHandler((now) => ({ ...records, now }), {
  publicBaseUrl: publicBaseUrl(),
  idempotency: dynamoIdempotencyStore(tables, required('SESSIONS_TABLE')),
});
