import { readDeployment } from '../../platform/adapters/deployment.ts';
import {
  documentClient,
  dynamoDbClient,
} from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { listsWithoutFilter } from '../../platform/adapters/dynamodb/crl-store/lists-without-filter.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { deployedLinkage } from '../../platform/adapters/linkage/deployed-linkage.ts';
import { httpOcspClient } from '../../platform/adapters/ocsp/http-ocsp-client.ts';
import { stopwatch } from '../../platform/adapters/stopwatch.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { attributesHandler } from './handler.ts';

const profile = readDeployment().trustProfile;
const dynamoDb = dynamoDbClient();
const identity = {
  keys: identityKeysOfEnvironment(kmsClient()),
  store: dynamoIdentityStore(documentClient(dynamoDb), required('IDENTITY_TABLE')),
  linkage: deployedLinkage(profile),
  lists: listsWithoutFilter(dynamoDb, required('REVOCATION_TABLE')),
  ocsp: httpOcspClient,
  profile,
};

export const handler = functionHandler(
  attributesHandler((now) => ({ ...identity, elapsedMs: stopwatch(), now }), {
    publicBaseUrl: publicBaseUrl(),
  }),
);
