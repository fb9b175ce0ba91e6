import { S3Client } from '@aws-sdk/client-s3';

/** Path style where an endpoint is given: a local one has no name per bucket. */
export const s3Client = (): S3Client =>
  new S3Client({
    maxAttempts: 4,
    forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 30_000 },
  });
