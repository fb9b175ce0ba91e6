import { readDeployment } from '../../platform/adapters/deployment.ts';
import { dynamoAssertionStore } from '../../platform/adapters/dynamodb/assertion-store.ts';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoServiceRegistry } from '../../platform/adapters/dynamodb/service-registry.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { tokenKeyOfEnvironment } from '../../platform/adapters/kms/token-key.ts';
import { readScopes } from '../../platform/adapters/scopes.ts';
import { scopesGrantedTo } from '../services/service-rights.ts';
import { tokensHandler } from './handler.ts';

const { operator: registered, trustProfile } = readDeployment();
const scopes = readScopes();
const operator = { ...registered, scopes: scopesGrantedTo('operator', scopes) };
const tables = documentClient();
const registry = dynamoServiceRegistry(tables, required('SERVICES_TABLE'));

export const handler = tokensHandler(
  {
    client: async (id) => (id === operator.clientId ? operator : registry.client(id)),
    service: (id) => registry.service(id),
    operatorClientId: operator.clientId,
    scopes,
    production: trustProfile.name === 'jpki-production',
    assertions: dynamoAssertionStore(tables, required('SESSIONS_TABLE')),
    tokenKey: tokenKeyOfEnvironment(kmsClient()),
  },
  { publicBaseUrl: publicBaseUrl() },
);
