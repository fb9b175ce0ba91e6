import { readDeployment } from '../../platform/adapters/deployment.ts';
import {
  documentClient,
  dynamoDbClient,
} from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { listsWithoutFilter } from '../../platform/adapters/dynamodb/crl-store/lists-without-filter.ts';
import { dynamoReadingSessions } from '../../platform/adapters/dynamodb/reading-sessions.ts';
import { dynamoCheckQuota } from '../../platform/adapters/dynamodb/check-quota.ts';
import { dynamoServiceRegistry } from '../../platform/adapters/dynamodb/service-registry.ts';
import { dynamoTerminals } from '../../platform/adapters/dynamodb/terminals.ts';
import { dynamoUsedChallenges } from '../../platform/adapters/dynamodb/used-challenges.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { kmsChallengeKey } from '../../platform/adapters/kms/challenge-key.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { kmsPpidMac } from '../../platform/adapters/kms/ppid-mac.ts';
import { deployedLinkage } from '../../platform/adapters/linkage/deployed-linkage.ts';
import { httpOcspClient } from '../../platform/adapters/ocsp/http-ocsp-client.ts';
import { stopwatch } from '../../platform/adapters/stopwatch.ts';
import { validateUnderProfile } from '../../pki/validation/validate-under-profile.ts';
import { readingSessionsHandler } from './handler.ts';

const profile = readDeployment().trustProfile;
const dynamoDb = dynamoDbClient();
const tables = documentClient(dynamoDb);
const kms = kmsClient();
const sessionsTable = required('SESSIONS_TABLE');
const sessions = dynamoReadingSessions(tables, sessionsTable);
const services = dynamoServiceRegistry(tables, required('SERVICES_TABLE'));
const terminals = dynamoTerminals(tables, required('SERVICES_TABLE'));
const holds = dynamoCheckQuota(tables, sessionsTable, 'HELD');
const challengeKey = kmsChallengeKey(kms, required('CHALLENGE_KEY_ID'));
const usedChallenges = dynamoUsedChallenges(tables, sessionsTable);
const lists = listsWithoutFilter(dynamoDb, required('REVOCATION_TABLE'));
const identity = {
  keys: identityKeysOfEnvironment(kms),
  store: dynamoIdentityStore(tables, required('IDENTITY_TABLE')),
  linkage: deployedLinkage(profile),
  ppidMac: kmsPpidMac(kms, required('PPID_KEY_ID')),
};

export const handler = readingSessionsHandler(
  (now) => {
    const elapsedMs = stopwatch();
    return {
      sessions,
      services,
      holds,
      terminals,
      authentication: {
        challengeKey,
        usedChallenges,
        validate: validateUnderProfile,
        validation: { profile, ocsp: httpOcspClient, lists, elapsedMs },
        identity: { ...identity, elapsedMs, now },
      },
    };
  },
  { publicBaseUrl: publicBaseUrl() },
);
