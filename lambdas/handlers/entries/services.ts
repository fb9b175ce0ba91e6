import { documentClient } from '../../adapters/dynamodb/document-client.ts';
import { dynamoIdempotencyStore } from '../../adapters/dynamodb/idempotency-store.ts';
import { dynamoServiceRegistry } from '../../adapters/dynamodb/service-registry.ts';
import { publicBaseUrl, required } from '../../adapters/environment.ts';
import { servicesHandler } from '../services.ts';

const tables = documentClient();

export const handler = servicesHandler(dynamoServiceRegistry(tables, required('SERVICES_TABLE')), {
  publicBaseUrl: publicBaseUrl(),
  idempotency: dynamoIdempotencyStore(tables, required('SESSIONS_TABLE')),
});
