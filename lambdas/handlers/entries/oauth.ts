import { readDeployment } from '../../adapters/deployment.ts';
import { dynamoAssertionStore } from '../../adapters/dynamodb/assertion-store.ts';
import { documentClient } from '../../adapters/dynamodb/document-client.ts';
import { dynamoServiceRegistry } from '../../adapters/dynamodb/service-registry.ts';
import { publicBaseUrl, required } from '../../adapters/environment.ts';
import { kmsClient } from '../../adapters/kms/kms-client.ts';
import { kmsTokenKey } from '../../adapters/kms/token-key.ts';
import { oauthHandler } from '../oauth.ts';

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
