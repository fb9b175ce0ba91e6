import { readDeployment } from '../../adapters/deployment.ts';
import { dynamoChallengeStore } from '../../adapters/dynamodb/challenge-store.ts';
import { documentClient, dynamoDbClient } from '../../adapters/dynamodb/document-client.ts';
import { dynamoIdempotencyStore } from '../../adapters/dynamodb/idempotency-store.ts';
import { dynamoIdentityStore } from '../../adapters/dynamodb/identity-store.ts';
import { pageLists } from '../../adapters/dynamodb/page-lists.ts';
import { publicBaseUrl, required } from '../../adapters/environment.ts';
import { kmsIdentityKeys } from '../../adapters/kms/identity-keys.ts';
import { kmsClient } from '../../adapters/kms/kms-client.ts';
import { kmsPpidMac } from '../../adapters/kms/ppid-mac.ts';
import { httpLinkage } from '../../adapters/linkage/http-linkage.ts';
import { httpOcspClient } from '../../adapters/ocsp/http-ocsp-client.ts';
import { stopwatch } from '../../adapters/stopwatch.ts';
import { validateCertificate } from '../../core/validate-certificate.ts';
import { functionHandler } from '../../http/function-handler.ts';
import { attributesHandler } from '../attributes.ts';
import { authenticationsHandler } from '../authentications.ts';

const profile = readDeployment().trustProfile;
const dynamoDb = dynamoDbClient();
const tables = documentClient(dynamoDb);
const kms = kmsClient();
const sessions = required('SESSIONS_TABLE');
const challenges = dynamoChallengeStore(tables, sessions);
const lists = pageLists(dynamoDb, required('REVOCATION_TABLE'));
const identity = {
  keys: kmsIdentityKeys(kms, required('INDEX_KEY_ID')),
  store: dynamoIdentityStore(tables, required('IDENTITY_TABLE')),
  linkage: httpLinkage(profile.linkageUrl),
  ppidMac: kmsPpidMac(kms, required('PPID_KEY_ID')),
};

const settings = {
  publicBaseUrl: publicBaseUrl(),
  idempotency: dynamoIdempotencyStore(tables, sessions),
};

/** Both answer for a person whom the service knows or gets to know: one function, one set of grants. */
export const handler = functionHandler({
  authenticate: authenticationsHandler((now) => {
    const elapsedMs = stopwatch();
    return {
      challenges,
      validate: validateCertificate,
      validation: { profile, ocsp: httpOcspClient, lists, elapsedMs },
      identity: { ...identity, elapsedMs, now },
    };
  }, settings),
  'check-attributes': attributesHandler(
    (now) => ({ ...identity, elapsedMs: stopwatch(), lists, rules: profile, now }),
    settings,
  ),
});
