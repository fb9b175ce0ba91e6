import { documentClient } from '../../adapters/dynamodb/document-client.ts';
import { dynamoIdentityStore } from '../../adapters/dynamodb/identity-store.ts';
import { dynamoJobStore } from '../../adapters/dynamodb/job-store.ts';
import { revocationLists } from '../../adapters/dynamodb/revocation-store.ts';
import { required } from '../../adapters/environment.ts';
import { kmsIdentityKeys } from '../../adapters/kms/identity-keys.ts';
import { kmsClient } from '../../adapters/kms/kms-client.ts';
import { s3JobFiles } from '../../adapters/s3/job-files.ts';
import { s3Client } from '../../adapters/s3/s3-client.ts';
import { findCertificatesByPpid } from '../../core/identifiers/find-certificates.ts';
import { jobChunkHandler } from '../job-chunk.ts';

const tables = documentClient();

export const handler = jobChunkHandler({
  store: dynamoJobStore(tables, required('JOBS_TABLE')),
  files: s3JobFiles(s3Client(), required('JOBS_BUCKET')),
  lists: revocationLists({
    table: required('REVOCATION_TABLE'),
    bucket: required('REVOCATION_BUCKET'),
  }),
  findCertificates: findCertificatesByPpid(
    dynamoIdentityStore(tables, required('IDENTITY_TABLE')),
    kmsIdentityKeys(kmsClient(), required('INDEX_KEY_ID')),
  ),
});
