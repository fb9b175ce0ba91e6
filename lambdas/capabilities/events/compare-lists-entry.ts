import { readDeployment } from '../../platform/adapters/deployment.ts';
import { openPages } from '../../platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { compareListsHandler } from './compare-lists-handler.ts';

export const handler = compareListsHandler({
  pages: openPages(required('REVOCATION_TABLE')),
  anchors: readDeployment().trustProfile.anchors,
  store: dynamoIdentityStore(documentClient(), required('IDENTITY_TABLE')),
  keys: identityKeysOfEnvironment(kmsClient()),
});
