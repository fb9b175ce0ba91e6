import { readDeployment } from '../../platform/adapters/deployment.ts';
import { dynamoAssertionStore } from '../../platform/adapters/dynamodb/assertion-store.ts';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoServiceRegistry } from '../../platform/adapters/dynamodb/service-registry.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { kmsTokenKey } from '../../platform/adapters/kms/token-key.ts';
import { oauthHandler } from './handler.ts';

const { operator, trustProfile } = readDeployment();
const tables = documentClient();
const registry = dynamoServiceRegistry(tables, required('SERVICES_TABLE'));

export const handler = oauthHandler(
  {
    client: async (id) => (id === operator.clientId ? operator : registry.client(id)),
    service: (id) => registry.service(id),
    operatorClientId: operator.clientId,
    production: trustProfile.name === 'jpki-production',
    assertions: dynamoAssertionStore(tables, required('SESSIONS_TABLE')),
    tokenKey: kmsTokenKey(kmsClient(), required('TOKEN_KEY_ID')),
  },
  { publicBaseUrl: publicBaseUrl() },
);
