import { readDeployment } from '../../platform/adapters/deployment.ts';
import { openPages } from '../../platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import {
  documentClient,
  dynamoDbClient,
} from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityIndex } from '../../platform/adapters/dynamodb/identity-index.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { compareListsHandler } from './compare-lists-handler.ts';

const client = dynamoDbClient();
const table = required('IDENTITY_TABLE');

export const handler = compareListsHandler({
  pages: openPages(required('REVOCATION_TABLE')),
  anchors: readDeployment().trustProfile.anchors,
  store: dynamoIdentityStore(documentClient(client), table),
  index: dynamoIdentityIndex(client, table),
  keys: identityKeysOfEnvironment(kmsClient()),
});
