import { S3Client } from '@aws-sdk/client-s3';
import { requestLimits } from '../request-limits.ts';

/** Milliseconds of one try: a part of 16 MiB is written behind nobody's back; while a caller waits, less. */
export const s3Patience = { batch: 30_000, online: 2_000 } as const;

/** Path style where an endpoint is given: a local one has no name per bucket. */
export const s3Client = (patience: keyof typeof s3Patience = 'batch'): S3Client =>
  new S3Client({
    maxAttempts: 4,
    // By default a presigned upload would carry the checksum of no bytes, and S3 refuse every other body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined,
    requestHandler: requestLimits(s3Patience[patience]),
  });
