import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdempotencyStore } from '../../platform/adapters/dynamodb/idempotency-store.ts';
import { dynamoServiceRegistry } from '../../platform/adapters/dynamodb/service-registry.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { readScopes } from '../../platform/adapters/scopes.ts';
import { servicesHandler } from './handler.ts';

const tables = documentClient();

export const handler = servicesHandler(
  {
    registry: dynamoServiceRegistry(
      tables,
      required('SERVICES_TABLE'),
      Number(required('CLIENT_USAGE_KEYS')),
    ),
    scopes: readScopes(),
  },
  {
    publicBaseUrl: publicBaseUrl(),
    idempotency: dynamoIdempotencyStore(tables, required('SESSIONS_TABLE')),
  },
);
