import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { retentionOfEnvironment } from '../../platform/adapters/retention.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { rightsLimits } from './limits.ts';
import { sweepHandler } from './rights-sweep-handler.ts';

const records = {
  keys: identityKeysOfEnvironment(kmsClient()),
  store: dynamoIdentityStore(documentClient(), required('IDENTITY_TABLE')),
  retention: retentionOfEnvironment(),
};

export const handler = sweepHandler({ portsAt: () => records, runMs: rightsLimits.sweepRunMs });
