import * as z from 'zod';
import type { OperationContract } from '../operation-contract.ts';
import { id, timestamp } from './field-formats.ts';

const jobIdPath = z.object({ jobId: id('The job') });

export const createJobRequest = z
  .strictObject({
    format: z.enum(['csv', 'ndjson']),
    compression: z.enum(['none', 'gzip']).default('none'),
    by: z.enum(['serial', 'ppid']).default('serial').meta({ description: 'What the rows name' }),
    issuer: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .meta({ description: 'Trust anchor name for rows that name none' }),
  })
  .meta({ id: 'CreateJobRequest' });

export const job = z
  .object({
    jobId: z.string(),
    state: z.enum(['awaiting-upload', 'running', 'succeeded', 'failed', 'cancelled', 'expired']),
    createdAt: timestamp('Created'),
    expiresAt: timestamp('Files and results are deleted at'),
    upload: z
      .object({ url: z.string(), expiresAt: timestamp('The URL works until') })
      .optional()
      .meta({ description: 'PUT the file here, then start the job' }),
    progress: z.object({ rows: z.int(), chunksDone: z.int(), chunks: z.int() }).optional(),
    counts: z
      .object({
        total: z.int(),
        good: z.int(),
        revoked: z.int(),
        unknown: z.int(),
        malformed: z.int(),
        duplicate: z.int(),
      })
      .optional(),
    results: z
      .array(z.object({ name: z.string(), url: z.string(), expiresAt: timestamp('Until') }))
      .optional(),
    code: z.string().optional().meta({ description: 'Why it failed' }),
  })
  .meta({ id: 'Job' });

export const createJob = {
  summary: 'Create a bulk job',
  body: createJobRequest,
  responses: { 201: { description: 'Created; upload next', schema: job } },
  problems: ['issuer-unknown'],
} as const satisfies OperationContract;

export const getJob = {
  summary: 'Progress and results of a job',
  pathParameters: jobIdPath,
  responses: { 200: { description: 'The job', schema: job } },
  problems: ['job-not-found', 'job-expired'],
} as const satisfies OperationContract;

export const startJob = {
  summary: 'Start a job whose file is uploaded',
  pathParameters: jobIdPath,
  body: z.strictObject({}).optional(),
  responses: { 202: { description: 'Running', schema: job } },
  problems: ['job-not-found', 'job-expired', 'job-state-invalid'],
} as const satisfies OperationContract;

export const cancelJob = {
  summary: 'Cancel a job and delete its files',
  pathParameters: jobIdPath,
  responses: { 200: { description: 'Cancelled', schema: job } },
  problems: ['job-not-found', 'job-state-invalid'],
} as const satisfies OperationContract;
