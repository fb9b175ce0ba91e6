import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { deliverAnnouncementsHandler } from './deliver-announcements-handler.ts';

export const handler = deliverAnnouncementsHandler({
  store: dynamoIdentityStore(documentClient(), required('IDENTITY_TABLE')),
  keys: identityKeysOfEnvironment(kmsClient()),
});
