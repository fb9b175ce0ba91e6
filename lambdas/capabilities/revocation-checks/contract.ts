import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { label, serialFormat, timestamp } from '../../platform/http/schemas/field-formats.ts';
import { revocationCheckLimits } from './limits.ts';

/** Scope before its division: bulk checks with reasons, and the age of the CRLs. */
const formerly = 'revocations:read';

export const revocationsCheck = {
  name: 'revocations:check',
  description: 'Check serials in bulk',
  grantedTo: ['type2', 'operator'],
  grantableTo: ['type1'],
  formerly,
} as const satisfies Scope;

export const revocationReasonsRead = {
  name: 'revocation-reasons:read',
  description: 'Read the reasons of revocations in bulk checks',
  grantedTo: ['operator'],
  grantableTo: ['type1', 'type2'],
  formerly,
} as const satisfies Scope;

export const listsRead = {
  name: 'lists:read',
  description: 'Read the age of the CRLs',
  grantedTo: ['type1', 'type2', 'operator'],
  formerly,
} as const satisfies Scope;

/** The evidence for the whole response: one CRL. */
export const listEvidence = z
  .object({
    source: z.string(),
    crlNumber: z.string(),
    thisUpdate: timestamp('thisUpdate of the CRL'),
    nextUpdate: timestamp('nextUpdate of the CRL'),
    ageSeconds: z.int(),
  })
  .meta({ id: 'ListEvidence' });

/** Rows in one call. With serials of 20 octets the request takes 4.5 MB of Lambda's 6. */
export const maximumSerials = revocationCheckLimits.serials;

export const checkRequest = z
  .strictObject({
    issuer: label('Trust anchor name, or the issuer key id (hex SHA-256 of its SPKI)'),
    // The operation itself examines each row once and reports malformed serials by row: a schema for
    // each string would take longer than the check.
    serials: z
      .array(
        z.unknown().meta({
          type: 'string',
          description:
            'The serial number in `serialFormat`; leading zeros, case and full-width forms are ignored, and hex may begin with 0x or be octets between colons',
          examples: ['01a2b3c4'],
        }),
      )
      .min(1)
      .max(maximumSerials),
    serialFormat: serialFormat.optional(),
    form: z
      .enum(['compact', 'full'])
      .default('compact')
      .meta({ description: '`compact` returns only the rows that are not good, `full` every row' }),
  })
  .meta({ id: 'CheckRevocationsRequest' });

const rowNumber = z.int().meta({ description: 'Position in `serials`, from 0' });
const revokedAt = timestamp('Revoked at');
const reason = z.string().meta({
  description: `CRLReason (RFC 5280 §5.3.1) by its name; only with the scope ${revocationReasonsRead.name}`,
});

/** Columnar, because 100,000 revoked rows as objects would exceed the response limit. */
const notGood = z
  .object({
    revoked: z.object({
      row: z.array(rowNumber),
      revokedAt: z.array(revokedAt),
      reason: z.array(reason).optional(),
    }),
    unknown: z.array(rowNumber),
    malformed: z.array(rowNumber),
    duplicate: z.object({ row: z.array(rowNumber), of: z.array(rowNumber) }),
  })
  .meta({
    id: 'RowsNotGood',
    description:
      'Parallel columns. A duplicate has the status of the row that it is a duplicate `of`',
  });

const fullRow = z
  .object({
    status: z.enum(['good', 'revoked', 'unknown', 'malformed', 'duplicate']),
    revokedAt: revokedAt.optional(),
    reason: reason.optional(),
    of: rowNumber.optional(),
  })
  .meta({ id: 'CheckedRow' });

export const checkResponse = z
  .object({
    checkedAt: timestamp('Now'),
    issuerKeyId: z.string(),
    evidence: listEvidence.optional().meta({ description: 'The CRL used for every row' }),
    why: z.string().optional().meta({ description: 'Why rows are unknown' }),
    counts: z.object({
      total: z.int(),
      good: z.int(),
      revoked: z.int(),
      unknown: z.int(),
      malformed: z.int(),
      duplicate: z.int(),
    }),
    malformed: z
      .array(
        z
          .object({
            code: z.enum(['serial-malformed', 'serial-rounded']),
            rows: z.int(),
            firstRow: rowNumber,
            detail: z.string().meta({ description: 'What to do, in words' }),
          })
          .meta({ id: 'MalformedSerials' }),
      )
      .optional()
      .meta({ description: 'Why rows are malformed; absent if none is' }),
    notGood: notGood.optional().meta({ description: 'Compact form only' }),
    rows: z
      .array(fullRow)
      .optional()
      .meta({ description: 'Full form only: parallel to `serials`' }),
  })
  .meta({ id: 'CheckRevocationsResponse' });

export const checkRevocations = {
  id: 'check-revocations',
  method: 'POST',
  path: '/v1/revocations/check',
  scope: revocationsCheck,
  widerWith: revocationReasonsRead,
  maxBodyBytes: bodyLimits.bulk,
  summary: 'Check many serials at once',
  description: `Up to 100,000 serials of one issuer against its current full list. The whole response uses one list. Every row counts on the service's quota of the day, whatever its answer. A full form that would not fit into an answer (when about half of 100,000 rows are revoked) is refused with request-too-large.`,
  body: checkRequest,
  responses: {
    200: { description: 'Rows that are not good, or every row', schema: checkResponse },
  },
  problems: ['issuer-unknown', 'serials-ambiguous', 'quota-exceeded'],
} as const satisfies OperationContract;

export const revocationSource = z
  .object({
    sourceId: z.string(),
    anchor: z.string(),
    scope: z.string().meta({ description: '`full`, or the hash of the distribution point' }),
    state: z.enum(['current', 'overdue', 'expired', 'never-loaded']).meta({
      description:
        '`overdue`: still valid, but the last attempt to replace it was refused. `expired`: no longer used',
    }),
    crlNumber: z.string().optional(),
    thisUpdate: timestamp('thisUpdate of the CRL').optional(),
    nextUpdate: timestamp('nextUpdate of the CRL').optional(),
    ageSeconds: z.int().optional(),
    entries: z.int().optional(),
    bytes: z.int().optional(),
    ingestedAt: timestamp('Serving since').optional(),
    lastAttempt: z
      .object({
        at: timestamp('Tried at'),
        outcome: z.enum(['switched', 'unchanged', 'refused']),
        code: z.string().optional().meta({ description: 'Why it was refused' }),
      })
      .optional(),
  })
  .meta({ id: 'RevocationSource' });

export const listRevocationSources = {
  id: 'list-revocation-sources',
  method: 'GET',
  path: '/v1/revocations/sources',
  scope: listsRead,
  maxBodyBytes: 0,
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
