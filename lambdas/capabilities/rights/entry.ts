import { readDeployment } from '../../platform/adapters/deployment.ts';
import {
  documentClient,
  dynamoDbClient,
} from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { listsWithoutFilter } from '../../platform/adapters/dynamodb/crl-store/lists-without-filter.ts';
import { dynamoServiceRegistry } from '../../platform/adapters/dynamodb/service-registry.ts';
import { dynamoUsedChallenges } from '../../platform/adapters/dynamodb/used-challenges.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { retentionOfEnvironment } from '../../platform/adapters/retention.ts';
import { kmsChallengeKey } from '../../platform/adapters/kms/challenge-key.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { deployedLinkage } from '../../platform/adapters/linkage/deployed-linkage.ts';
import { httpOcspClient } from '../../platform/adapters/ocsp/http-ocsp-client.ts';
import { stopwatch } from '../../platform/adapters/stopwatch.ts';
import { validateUnderProfile } from '../../pki/validation/validate-under-profile.ts';
import { rightsHandler } from './handler.ts';

const profile = readDeployment().trustProfile;
const dynamoDb = dynamoDbClient();
const tables = documentClient(dynamoDb);
const kms = kmsClient();
const challengeKey = kmsChallengeKey(kms, required('CHALLENGE_KEY_ID'));
const usedChallenges = dynamoUsedChallenges(tables, required('SESSIONS_TABLE'));
const lists = listsWithoutFilter(dynamoDb, required('REVOCATION_TABLE'));
const registry = dynamoServiceRegistry(tables, required('SERVICES_TABLE'));
const deletionGraceMs = Number(required('DELETION_GRACE_DAYS')) * 86_400_000;
const people = {
  keys: identityKeysOfEnvironment(kms),
  store: dynamoIdentityStore(tables, required('IDENTITY_TABLE')),
  linkage: deployedLinkage(profile),
  deletionGraceMs,
  retention: retentionOfEnvironment(),
};

export const handler = rightsHandler(
  (now) => {
    const elapsedMs = stopwatch();
    return {
      challengeKey,
      usedChallenges,
      validate: validateUnderProfile,
      validation: { profile, ocsp: httpOcspClient, lists, elapsedMs },
      people: { ...people, elapsedMs, now },
      serviceName: async (serviceId) => (await registry.service(serviceId))?.name,
    };
  },
  { publicBaseUrl: publicBaseUrl() },
);
