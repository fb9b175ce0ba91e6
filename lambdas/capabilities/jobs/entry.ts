import { readDeployment } from '../../platform/adapters/deployment.ts';
import { documentClient } from '../../platform/adapters/dynamodb/document-client.ts';
import { dynamoIdempotencyStore } from '../../platform/adapters/dynamodb/idempotency-store.ts';
import { dynamoJobStore } from '../../platform/adapters/dynamodb/job-store.ts';
import { publicBaseUrl, required } from '../../platform/adapters/environment.ts';
import { s3JobFiles } from '../../platform/adapters/s3/job-files.ts';
import { s3Client } from '../../platform/adapters/s3/s3-client.ts';
import {
  stepFunctionsClient,
  stepFunctionsJobRunner,
} from '../../platform/adapters/step-functions/job-runner.ts';
import { jobsHandler } from './handler.ts';

const tables = documentClient();

export const handler = jobsHandler(
  {
    jobs: {
      store: dynamoJobStore(tables, required('JOBS_TABLE')),
      files: s3JobFiles(s3Client('online'), required('JOBS_BUCKET')),
      runner: stepFunctionsJobRunner(stepFunctionsClient(), required('JOBS_STATE_MACHINE_ARN')),
    },
    profile: readDeployment().trustProfile,
  },
  {
    publicBaseUrl: publicBaseUrl(),
    idempotency: dynamoIdempotencyStore(tables, required('SESSIONS_TABLE')),
  },
);
