import { readDeployment } from '../../adapters/deployment.ts';
import { documentClient } from '../../adapters/dynamodb/document-client.ts';
import { dynamoJobStore } from '../../adapters/dynamodb/job-store.ts';
import { revocationPointers } from '../../adapters/dynamodb/revocation-store.ts';
import { required } from '../../adapters/environment.ts';
import { s3JobFiles } from '../../adapters/s3/job-files.ts';
import { s3Client } from '../../adapters/s3/s3-client.ts';
import { jobPlanHandler } from '../job-plan.ts';

export const handler = jobPlanHandler({
  store: dynamoJobStore(documentClient(), required('JOBS_TABLE')),
  files: s3JobFiles(s3Client(), required('JOBS_BUCKET')),
  lists: revocationPointers(required('REVOCATION_TABLE')),
  profile: readDeployment().trustProfile,
});
