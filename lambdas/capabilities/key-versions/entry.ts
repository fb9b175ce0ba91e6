import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { dynamoServiceRegistry } from '../../platform/adapters/dynamodb/service-registry.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { stopwatch } from '../../platform/adapters/stopwatch.ts';
import { keyVersionsHandler } from './handler.ts';
import { resealLimits } from './limits.ts';

const tables = documentClient();
const kept = {
  keys: identityKeysOfEnvironment(kmsClient()),
  store: dynamoIdentityStore(tables, required('IDENTITY_TABLE')),
  services: dynamoServiceRegistry(tables, required('SERVICES_TABLE')),
};

export const handler = keyVersionsHandler(
  () => {
    const elapsedMs = stopwatch();
    return { ...kept, timeIsUp: () => elapsedMs() > resealLimits.callMs };
  },
  { publicBaseUrl: publicBaseUrl() },
);
