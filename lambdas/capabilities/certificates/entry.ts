import { readDeployment } from '../../platform/adapters/deployment.ts';
import { dynamoDbClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { listsWithoutFilter } from '../../platform/adapters/dynamodb/crl-store/lists-without-filter.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { httpOcspClient } from '../../platform/adapters/ocsp/http-ocsp-client.ts';
import { stopwatch } from '../../platform/adapters/stopwatch.ts';
import { validateUnderProfile } from '../../pki/validation/validate-under-profile.ts';
import { certificatesHandler } from './handler.ts';

const profile = readDeployment().trustProfile;
const lists = listsWithoutFilter(dynamoDbClient(), required('REVOCATION_TABLE'));

export const handler = certificatesHandler(
  validateUnderProfile,
  () => ({ profile, ocsp: httpOcspClient, lists, elapsedMs: stopwatch() }),
  { publicBaseUrl: publicBaseUrl() },
);
