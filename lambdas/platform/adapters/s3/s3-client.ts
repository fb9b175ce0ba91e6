import { S3Client } from '@aws-sdk/client-s3';
import { requestLimits } from '../request-limits.ts';

/**
 * Timeout of one try in milliseconds: long for background uploads of 16 MiB parts, short while a
 * caller waits.
 */
export const s3Patience = { batch: 30_000, online: 2_000 } as const;

/**
 * Uses path-style addresses with a custom endpoint: local S3 servers have no host name per bucket.
 */
export const s3Client = (patience: keyof typeof s3Patience = 'batch'): S3Client =>
  new S3Client({
    maxAttempts: 4,
    // By default, a presigned upload would be signed with the checksum of an empty body, and S3
    // would refuse any other.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    forcePathStyle: process.env['AWS_ENDPOINT_URL_S3'] !== undefined,
    requestHandler: requestLimits(s3Patience[patience]),
  });
