import { readDeployment } from '../../platform/adapters/deployment.ts';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../platform/adapters/dynamodb/identity-store.ts';
import { dynamoJobStore } from '../../platform/adapters/dynamodb/job-store.ts';
import { openStoredLists } from '../../platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { identityKeysOfEnvironment } from '../../platform/adapters/kms/identity-keys.ts';
import { kmsClient } from '../../platform/adapters/kms/kms-client.ts';
import { httpOcspClient } from '../../platform/adapters/ocsp/http-ocsp-client.ts';
import { s3JobFiles } from '../../platform/adapters/s3/job-files.ts';
import { s3Client } from '../../platform/adapters/s3/s3-client.ts';
import { stopwatch } from '../../platform/adapters/stopwatch.ts';
import { findAttributeBaseline } from '../../people/attribute-baseline.ts';
import { findCertificatesByPpid } from '../../people/find-certificates.ts';
import { writeJsonLine } from '../../platform/http/request-log.ts';
import { RecentSerials } from '../revocation-checks/recent-serials.ts';
import { jobChunkHandler } from './job-chunk-handler.ts';

const tables = documentClient();

const persons = {
  store: dynamoIdentityStore(tables, required('IDENTITY_TABLE')),
  keys: identityKeysOfEnvironment(kmsClient()),
};

export const handler = jobChunkHandler({
  store: dynamoJobStore(tables, required('JOBS_TABLE')),
  files: s3JobFiles(s3Client(), required('JOBS_BUCKET')),
  lists: openStoredLists({
    table: required('REVOCATION_TABLE'),
    bucket: required('REVOCATION_BUCKET'),
  }),
  findCertificates: findCertificatesByPpid(persons),
  findBaseline: findAttributeBaseline(persons),
  ocsp: httpOcspClient,
  profile: readDeployment().trustProfile,
  stopwatch,
  recent: new RecentSerials(),
  log: writeJsonLine,
});
