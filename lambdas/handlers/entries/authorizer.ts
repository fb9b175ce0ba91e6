import { documentClient } from '../../adapters/dynamodb/document-client.ts';
import { dynamoServiceRegistry } from '../../adapters/dynamodb/service-registry.ts';
import { publicBaseUrl, required } from '../../adapters/environment.ts';
import { kmsClient } from '../../adapters/kms/kms-client.ts';
import { kmsTokenKey } from '../../adapters/kms/token-key.ts';
import { authorizerHandler } from '../authorizer.ts';

const registry = dynamoServiceRegistry(documentClient(), required('SERVICES_TABLE'));

export const handler = authorizerHandler({
  tokenKey: kmsTokenKey(kmsClient(), required('TOKEN_KEY_ID')),
  service: (id) => registry.service(id),
  publicBaseUrl: publicBaseUrl(),
});
