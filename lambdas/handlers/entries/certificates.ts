import { readDeployment } from '../../adapters/deployment.ts';
import { dynamoDbClient } from '../../adapters/dynamodb/document-client.ts';
import { pageLists } from '../../adapters/dynamodb/page-lists.ts';
import { publicBaseUrl, required } from '../../adapters/environment.ts';
import { httpOcspClient } from '../../adapters/ocsp/http-ocsp-client.ts';
import { stopwatch } from '../../adapters/stopwatch.ts';
import { validateCertificate } from '../../core/validate-certificate.ts';
import { certificatesHandler } from '../certificates.ts';

const profile = readDeployment().trustProfile;
const lists = pageLists(dynamoDbClient(), required('REVOCATION_TABLE'));

export const handler = certificatesHandler(
  validateCertificate,
  () => ({ profile, ocsp: httpOcspClient, lists, elapsedMs: stopwatch() }),
  { publicBaseUrl: publicBaseUrl() },
);
