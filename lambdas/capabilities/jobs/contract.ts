import * as z from 'zod';
import { jobLimits } from './limits.ts';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import { revocationReasonsRead } from '../revocation-checks/contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import {
  id,
  label,
  method,
  serialFormat,
  timestamp,
} from '../../platform/http/schemas/field-formats.ts';

export const jobsWrite = {
  name: 'jobs:write',
  description: 'Run bulk jobs',
  grantedTo: ['type2', 'operator'],
  grantableTo: ['type1'],
} as const satisfies Scope;

const jobIdPath = z.object({ jobId: id('The job') });

export const createJobRequest = z
  .strictObject({
    format: z.enum(['csv', 'ndjson']).meta({
      description:
        'csv: a header with a column `serial` (or `ppid`, or a Japanese name listed in docs/bulk-jobs.md) and, if rows have different issuers, `issuer`; without a header the first column is the identifier and the second, if any, the issuer. ndjson: objects with the same member names, without duplicates. Each row is one line',
    }),
    compression: z
      .enum(['none', 'gzip'])
      .default('none')
      .meta({ description: 'Compression of the upload and of the results' }),
    by: z.enum(['serial', 'ppid']).default('serial').meta({
      description: 'The identifiers in the rows: serial numbers, or PPIDs of this service',
    }),
    bytes: z.int().min(1).max(jobLimits.uploadBytes).meta({
      description: 'Exact size of the file as uploaded; the upload URL accepts no other size',
    }),
    ask: z.enum(['revocation', 'attributes']).default('revocation').meta({
      description:
        'attributes: whether name, address, birth date or sex of each person changed since the service last confirmed them; by PPID, with the scope attributes:read',
    }),
    method: method.optional().meta({
      description: `Where attributes are asked, as in POST /v1/attribute-status: ocsp asks the responder about each person, at most ${jobLimits.ocspLines.toLocaleString('en')} rows; crl takes the newer of the list of the municipality and the full list; auto: OCSP, then those lists. Without it, the full lists alone answer`,
    }),
    rows: z.enum(['all', 'not-good']).default('all').meta({
      description:
        'not-good: the result contains only rows that are not good; the totals count all',
    }),
    issuer: label('Trust anchor name or issuer key id for rows without an issuer').optional(),
    serialFormat: serialFormat.optional(),
    column: z
      .union([label('By its name in the header'), z.int().min(1).max(1000)])
      .optional()
      .meta({
        description: 'CSV: the column of the identifier, by its header name or its position from 1',
      }),
  })
  .refine(({ format, column }) => format === 'csv' || column === undefined, {
    path: ['column'],
    message: 'omit for ndjson, where the member is named serial or ppid',
  })
  .refine(({ ask, by }) => ask !== 'attributes' || by === 'ppid', {
    path: ['by'],
    message: 'attributes are asked by ppid',
  })
  .refine(({ ask, method }) => ask === 'attributes' || method === undefined, {
    path: ['method'],
    message: 'omit unless attributes are asked: revocation is by the full lists',
  })
  .refine(({ by, serialFormat }) => by === 'serial' || serialFormat === undefined, {
    path: ['serialFormat'],
    message: 'omit unless rows name serials',
  })
  .meta({ id: 'CreateJobRequest' });

const totals = z
  .object({
    rows: z.int().meta({
      description:
        'Total; each row counts in exactly one of the other members. Where attributes are asked, good is unchanged and revoked is changed',
    }),
    good: z.int(),
    revoked: z.int(),
    unknown: z.int(),
    malformed: z.int(),
  })
  .meta({ id: 'JobTotals' });

export const job = z
  .object({
    jobId: z.string(),
    state: z.enum([
      'awaiting-upload',
      'planning',
      'checking',
      'finishing',
      'completed',
      'cancelled',
      'failed',
    ]),
    failure: z
      .enum([
        'upload-compression-wrong',
        'upload-truncated',
        'upload-expands-too-far',
        'upload-encoding-unsupported',
        'upload-format-wrong',
        'upload-line-too-long',
        'upload-too-large',
        'upload-too-large-for-ocsp',
        'upload-quote-open',
        'upload-columns-missing',
        'upload-columns-ambiguous',
        'upload-serials-ambiguous',
        'upload-changed',
        'upload-empty',
        'identifiers-quota-exceeded',
        'timed-out',
        'internal-error',
      ])
      .optional(),
    detail: z.string().optional().meta({ description: 'After a failure: what to do, in words' }),
    format: z.enum(['csv', 'ndjson']),
    compression: z.enum(['none', 'gzip']),
    by: z.enum(['serial', 'ppid']),
    ask: z.enum(['revocation', 'attributes']),
    method: method.optional(),
    createdAt: timestamp('Created'),
    startedAt: timestamp('Started').optional(),
    finishedAt: timestamp('Completed, failed or cancelled').optional(),
    expiresAt: timestamp('The job and its files are deleted after this time'),
    upload: z
      .object({
        method: z.literal('PUT'),
        url: z.string(),
        headers: z
          .record(z.string(), z.string())
          .meta({ description: 'Headers to send unchanged' }),
        expiresAt: timestamp('The upload must begin before'),
      })
      .optional()
      .meta({ description: 'Upload the file here, then start the job' }),
    progress: z
      .object({ chunks: z.int(), chunksDone: z.int(), lines: z.int(), totals })
      .optional()
      .meta({ description: 'Totals of the finished chunks' }),
    checkedAt: timestamp(
      'The time at which every status is judged; by ocsp or auto, each row when it is asked',
    ).optional(),
    lists: z
      .array(
        z.object({
          issuer: z.string(),
          source: z.string().optional(),
          crlNumber: z.string().optional(),
          thisUpdate: timestamp('thisUpdate of the CRL').optional(),
          nextUpdate: timestamp('nextUpdate of the CRL').optional(),
          why: z
            .string()
            .optional()
            .meta({ description: 'Why no CRL answers for this issuer; its rows are unknown' }),
        }),
      )
      .optional()
      .meta({
        description:
          'For each issuer, the full CRL used for the whole job; absent by ocsp. By crl or auto, a newer list of a municipality may answer a row, which then names it',
      }),
    totals: totals.optional(),
    malformed: z
      .array(
        z
          .object({
            code: z.string().meta({ description: 'As in the file of malformed rows' }),
            rows: z.int(),
            firstLine: z.int().meta({ description: 'Line of the first such row, from 1' }),
            detail: z.string().meta({ description: 'What to do, in words' }),
          })
          .meta({ id: 'MalformedRows' }),
      )
      .optional()
      .meta({ description: 'Why rows were malformed; absent if none was' }),
    results: z
      .array(
        z.object({
          name: z.enum(['result', 'malformed']),
          url: z.string(),
          expiresAt: timestamp(
            'The download must begin before this time; request the job again for a new URL',
          ),
        }),
      )
      .optional()
      .meta({
        description:
          'result: line, identifier, status, reason (of a revoked row only with the scope revocation-reasons:read), revokedAt. Where attributes are asked: line, ppid, status (unchanged, changed, unknown), reason, changedAt, sourceAt, and of a job with a method also method and source. malformed: line and code of rows that could not be read',
      }),
  })
  .meta({ id: 'Job' });

export const createJob = {
  id: 'create-job',
  method: 'POST',
  path: '/v1/revocations/jobs',
  scope: jobsWrite,
  widerWith: revocationReasonsRead,
  maxBodyBytes: bodyLimits.fields,
  idempotent: true,
  summary: 'Create a bulk job',
  description: `Takes up to ${jobLimits.uploadBytes / 1024 ** 3} GiB and ${jobLimits.lines.toLocaleString('en')} lines. Every row is answered, including duplicates; line numbers relate results to the file. Rows by serial count on the service's quota of the day as those of bulk checks do; a job that exceeds it fails with identifiers-quota-exceeded and checks nothing. A job that is not started within a day is deleted; results are deleted after a week. A response replayed for an \`Idempotency-Key\` is the first one, including its upload URL: after an hour, get the job for a new URL.`,
  body: createJobRequest,
  responses: { 201: { description: 'Created; upload next', schema: job } },
  problems: [
    'issuer-unknown',
    'revocation-method-not-permitted',
    'job-quota-exceeded',
    'idempotency-key-reused',
    'request-in-progress',
  ],
} as const satisfies OperationContract;

export const getJob = {
  id: 'get-job',
  method: 'GET',
  path: '/v1/revocations/jobs/{jobId}',
  scope: jobsWrite,
  maxBodyBytes: 0,
  summary: 'Progress and results of a job',
  pathParameters: jobIdPath,
  responses: { 200: { description: 'The job', schema: job } },
  problems: ['job-not-found', 'job-expired'],
} as const satisfies OperationContract;

export const startJob = {
  id: 'start-job',
  method: 'POST',
  path: '/v1/revocations/jobs/{jobId}/start',
  scope: jobsWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Start a job whose file is uploaded',
  description: 'Idempotent.',
  pathParameters: jobIdPath,
  body: z.strictObject({}).optional(),
  responses: { 202: { description: 'Running', schema: job } },
  problems: ['job-not-found', 'job-expired', 'job-state-invalid'],
} as const satisfies OperationContract;

export const cancelJob = {
  id: 'cancel-job',
  method: 'DELETE',
  path: '/v1/revocations/jobs/{jobId}',
  scope: jobsWrite,
  maxBodyBytes: 0,
  summary: 'Cancel a job and delete its files',
  description:
    'A running job stops and remains readable as cancelled until it expires; an ended job is deleted immediately.',
  pathParameters: jobIdPath,
  responses: { 200: { description: 'Cancelled', schema: job } },
  problems: ['job-not-found', 'job-expired'],
} as const satisfies OperationContract;
