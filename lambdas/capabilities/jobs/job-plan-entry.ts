import { readDeployment } from '../../platform/adapters/deployment.ts';
import { dynamoCheckQuota } from '../../platform/adapters/dynamodb/check-quota.ts';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoJobStore } from '../../platform/adapters/dynamodb/job-store.ts';
import { openPointers } from '../../platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { required } from '../../platform/adapters/environment.ts';
import { s3JobFiles } from '../../platform/adapters/s3/job-files.ts';
import { s3Client } from '../../platform/adapters/s3/s3-client.ts';
import { jobPlanHandler } from './job-plan-handler.ts';

const tables = documentClient();

export const handler = jobPlanHandler({
  store: dynamoJobStore(tables, required('JOBS_TABLE')),
  files: s3JobFiles(s3Client(), required('JOBS_BUCKET')),
  lists: openPointers(required('REVOCATION_TABLE')),
  profile: readDeployment().trustProfile,
  quota: dynamoCheckQuota(tables, required('SESSIONS_TABLE')),
  identifiersPerDay: Number(required('CHECKED_IDENTIFIERS_PER_DAY')),
});
