import * as z from 'zod';
import type { OperationContract } from '../operation-contract.ts';
import { timestamp } from './field-formats.ts';

/** What proves the whole answer: one list. */
export const listEvidence = z
  .object({
    source: z.string(),
    crlNumber: z.string(),
    thisUpdate: timestamp('The list was true at'),
    nextUpdate: timestamp('The next list is due by'),
    ageSeconds: z.int(),
  })
  .meta({ id: 'ListEvidence' });

export const checkRequest = z
  .strictObject({
    issuer: z
      .string()
      .min(1)
      .max(64)
      .meta({ description: 'Trust anchor name, or the issuer key id (hex SHA-256 of its SPKI)' }),
    serials: z
      .array(z.string().max(64))
      .min(1)
      .meta({ description: 'Lower-case hex of the serial INTEGER content octets' }),
    form: z
      .enum(['compact', 'full'])
      .default('compact')
      .meta({ description: 'compact names only the rows that are not good' }),
  })
  .meta({ id: 'CheckRevocationsRequest' });

export const checkResponse = z
  .object({
    checkedAt: timestamp('Now'),
    evidence: listEvidence.optional(),
    counts: z.object({
      total: z.int(),
      good: z.int(),
      revoked: z.int(),
      unknown: z.int(),
      malformed: z.int(),
      duplicate: z.int(),
    }),
    rows: z.array(
      z.object({
        row: z.int().meta({ description: 'Position in `serials`, from 0' }),
        status: z.enum(['good', 'revoked', 'unknown', 'malformed', 'duplicate']),
        revokedAt: timestamp('Revoked at').optional(),
        reason: z.string().optional(),
        why: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'CheckRevocationsResponse' });

export const checkRevocations = {
  summary: 'Check many serials at once',
  body: checkRequest,
  responses: {
    200: { description: 'Rows that are not good, or every row', schema: checkResponse },
  },
  problems: ['issuer-unknown'],
} as const satisfies OperationContract;

export const revocationSource = z
  .object({
    sourceId: z.string(),
    anchor: z.string(),
    scope: z.string().meta({ description: '`full`, or the hash of the distribution point' }),
    state: z.enum(['current', 'overdue', 'expired', 'never-loaded']),
    crlNumber: z.string().optional(),
    thisUpdate: timestamp('The list was true at').optional(),
    nextUpdate: timestamp('The next list is due by').optional(),
    ageSeconds: z.int().optional(),
    entries: z.int().optional(),
    bytes: z.int().optional(),
    ingestedAt: timestamp('Serving since').optional(),
  })
  .meta({ id: 'RevocationSource' });

export const listRevocationSources = {
  summary: 'Which lists are loaded, and how old they are',
  responses: {
    200: {
      description: 'Every configured source',
      schema: z
        .object({ checkedAt: timestamp('Now'), sources: z.array(revocationSource) })
        .meta({ id: 'RevocationSources' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;
