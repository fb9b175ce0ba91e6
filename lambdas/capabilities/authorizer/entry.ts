import { readDeployment } from '../../platform/adapters/deployment.ts';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoServiceRegistry } from '../../platform/adapters/dynamodb/service-registry.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { tokenKeyOfEnvironment } from '../../platform/adapters/kms/token-key.ts';
import { authorizerHandler } from './handler.ts';

const { operator } = readDeployment();
const registry = dynamoServiceRegistry(documentClient(), required('SERVICES_TABLE'));

export const handler = authorizerHandler({
  tokenKey: tokenKeyOfEnvironment(kmsClient()),
  service: (id) => registry.service(id),
  client: async (id) => (id === operator.clientId ? operator : registry.client(id)),
  operatorClientId: operator.clientId,
  publicBaseUrl: publicBaseUrl(),
  stage: required('STAGE'),
});
