import { readDeployment } from '../../platform/adapters/deployment.ts';
import {
  documentClient,
  dynamoDbClient,
} from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdempotencyStore } from '../../platform/adapters/dynamodb/idempotency-store.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { listsWithoutFilter } from '../../platform/adapters/dynamodb/crl-store/lists-without-filter.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { dynamoUsedChallenges } from '../../platform/adapters/dynamodb/used-challenges.ts';
import { kmsChallengeKey } from '../../platform/adapters/kms/challenge-key.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { kmsPpidMac } from '../../platform/adapters/kms/ppid-mac.ts';
import { deployedLinkage } from '../../platform/adapters/linkage/deployed-linkage.ts';
import { httpOcspClient } from '../../platform/adapters/ocsp/http-ocsp-client.ts';
import { stopwatch } from '../../platform/adapters/stopwatch.ts';
import { validateUnderProfile } from '../../pki/validation/validate-under-profile.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { authenticationsHandler } from './handler.ts';

const profile = readDeployment().trustProfile;
const dynamoDb = dynamoDbClient();
const tables = documentClient(dynamoDb);
const kms = kmsClient();
const sessions = required('SESSIONS_TABLE');
const challengeKey = kmsChallengeKey(kms, required('CHALLENGE_KEY_ID'));
const usedChallenges = dynamoUsedChallenges(tables, sessions);
const lists = listsWithoutFilter(dynamoDb, required('REVOCATION_TABLE'));
const identity = {
  keys: identityKeysOfEnvironment(kms),
  store: dynamoIdentityStore(tables, required('IDENTITY_TABLE')),
  linkage: deployedLinkage(profile),
  ppidMac: kmsPpidMac(kms, required('PPID_KEY_ID')),
};

const settings = {
  publicBaseUrl: publicBaseUrl(),
  idempotency: dynamoIdempotencyStore(tables, sessions),
};

export const handler = functionHandler(
  authenticationsHandler((now) => {
    const elapsedMs = stopwatch();
    return {
      challengeKey,
      usedChallenges,
      validate: validateUnderProfile,
      validation: { profile, ocsp: httpOcspClient, lists, elapsedMs },
      identity: { ...identity, elapsedMs, now },
    };
  }, settings),
);
