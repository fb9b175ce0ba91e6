import { documentClient } from '../../adapters/dynamodb/document-client.ts';
import { dynamoJobStore } from '../../adapters/dynamodb/job-store.ts';
import { required } from '../../adapters/environment.ts';
import { s3JobFiles } from '../../adapters/s3/job-files.ts';
import { s3Client } from '../../adapters/s3/s3-client.ts';
import { jobFinishHandler } from '../job-finish.ts';

export const handler = jobFinishHandler({
  store: dynamoJobStore(documentClient(), required('JOBS_TABLE')),
  files: s3JobFiles(s3Client(), required('JOBS_BUCKET')),
});
