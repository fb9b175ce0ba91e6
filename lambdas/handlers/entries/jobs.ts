import { randomUUID } from 'node:crypto';
import { readDeployment } from '../../adapters/deployment.ts';
import { documentClient } from '../../adapters/dynamodb/document-client.ts';
import { dynamoIdempotencyStore } from '../../adapters/dynamodb/idempotency-store.ts';
import { dynamoJobStore } from '../../adapters/dynamodb/job-store.ts';
import { publicBaseUrl, required } from '../../adapters/environment.ts';
import { s3JobFiles } from '../../adapters/s3/job-files.ts';
import { s3Client } from '../../adapters/s3/s3-client.ts';
import {
  stepFunctionsClient,
  stepFunctionsJobRunner,
} from '../../adapters/step-functions/job-runner.ts';
import { jobsHandler } from '../jobs.ts';

const tables = documentClient();

export const handler = jobsHandler(
  {
    jobs: {
      store: dynamoJobStore(tables, required('JOBS_TABLE')),
      files: s3JobFiles(s3Client('online'), required('JOBS_BUCKET')),
      runner: stepFunctionsJobRunner(stepFunctionsClient(), required('JOBS_STATE_MACHINE_ARN')),
    },
    profile: readDeployment().trustProfile,
    newJobId: randomUUID,
  },
  {
    publicBaseUrl: publicBaseUrl(),
    idempotency: dynamoIdempotencyStore(tables, required('SESSIONS_TABLE')),
  },
);
