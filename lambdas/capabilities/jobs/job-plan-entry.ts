import { readDeployment } from '../../platform/adapters/deployment.ts';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoJobStore } from '../../platform/adapters/dynamodb/job-store.ts';
import { openPointers } from '../../platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { s3JobFiles } from '../../platform/adapters/s3/job-files.ts';
import { s3Client } from '../../platform/adapters/s3/s3-client.ts';
import { jobPlanHandler } from './job-plan-handler.ts';

export const handler = jobPlanHandler({
  store: dynamoJobStore(documentClient(), required('JOBS_TABLE')),
  files: s3JobFiles(s3Client(), required('JOBS_BUCKET')),
  lists: openPointers(required('REVOCATION_TABLE')),
  profile: readDeployment().trustProfile,
});
