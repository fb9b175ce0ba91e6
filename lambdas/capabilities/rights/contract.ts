import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import {
  base64,
  certificate,
  intermediates,
  timestamp,
} from '../../platform/http/schemas/field-formats.ts';
import { rightsActs } from './rights-challenge.ts';

const act = z.enum(rightsActs).meta({
  description: 'What the person asks for; it stands in the text that the card signs',
});

export const createRightsChallenge = {
  id: 'create-rights-challenge',
  method: 'POST',
  path: '/v1/rights/challenges',
  scope: 'public',
  maxBodyBytes: bodyLimits.fields,
  summary: 'Create a challenge for a request of the person',
  description:
    'A text for the card to sign that names the request: single use, valid for 5 minutes. Show it to the person.',
  body: z.strictObject({ act }).meta({ id: 'CreateRightsChallengeRequest' }),
  responses: {
    201: {
      description: 'Created',
      schema: z
        .object({
          challenge: z.string().meta({
            description: 'One line of ASCII that the card signs as a whole',
          }),
          expiresAt: timestamp('Five minutes after issuance'),
        })
        .meta({ id: 'RightsChallenge' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

const byCard = {
  challenge: z
    .string()
    .max(2048)
    .regex(/^[\x20-\x7e]+$/, { error: 'send the challenge unchanged' })
    .meta({ description: 'From POST /v1/rights/challenges, unaltered' }),
  certificate,
  signature: base64(
    'Over the ASCII octets of the challenge by the user-authentication key, as at a login',
    1024,
  ),
  intermediates: intermediates.optional(),
} as const;

const cardProblems = [
  'challenge-not-found',
  'challenge-expired',
  'challenge-used',
  'certificate-malformed',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-issuer-untrusted',
  'certificate-signature-invalid',
  'certificate-path-invalid',
  'certificate-path-too-complex',
  'certificate-policy-unacceptable',
  'certificate-algorithm-unacceptable',
  'certificate-key-weak',
  'certificate-kind-wrong',
  'challenge-signature-invalid',
  'certificate-revoked',
  'revocation-unknown',
  'linkage-unavailable',
  'person-not-known',
] as const;

export const useOfRecord = z
  .object({
    suspended: z.boolean().meta({ description: 'No service can identify the person' }),
    suspendedBy: z.enum(['person', 'operator']).optional(),
    deletion: z
      .object({
        requestedAt: timestamp('Asked for'),
        dueAt: timestamp('Executed at the next nightly run from then on; until then cancellable'),
      })
      .optional(),
  })
  .meta({ id: 'UseOfRecord' });

const certificateReference = z.object({
  issuerKeyId: z.string(),
  serial: z.string().meta({ description: 'Hexadecimal' }),
  validUntil: timestamp('Its notAfter, where it was presented here').optional(),
});

export const disclosure = z
  .object({
    disclosedAt: timestamp('Now'),
    use: useOfRecord,
    mergedRecords: z.int().meta({ description: 'Records that an operator merged into this one' }),
    certificates: z.array(
      z.object({
        kind: z.enum(['user-authentication', 'digital-signature']),
        certificate: certificateReference,
        filedAt: timestamp('Recorded'),
        superseded: z.boolean().meta({ description: 'A renewal replaced it' }),
        predecessor: z
          .object({
            askedAt: timestamp('Asked of the linkage service'),
            certificate: certificateReference.optional(),
            relation: z.enum(['renewed', 'beside']).optional(),
          })
          .optional(),
        signature: z
          .object({
            askedAt: timestamp('Asked of the linkage service'),
            certificate: certificateReference.optional(),
            reason: z.string().optional(),
          })
          .optional(),
      }),
    ),
    services: z.array(
      z.object({
        serviceId: z.string(),
        name: z.string().optional().meta({ description: 'Absent if the service is gone' }),
        ppid: z.string(),
        keyVersion: z.string(),
        issuedAt: timestamp('First login there'),
        userNumber: z.string().optional(),
        attributesConfirmedAt: timestamp('Attributes last confirmed there').optional(),
        chipEnrolledAt: timestamp('Chip enrolled there').optional(),
      }),
    ),
    acts: z
      .array(
        z.object({ kind: z.enum(['merge', 'split']), at: timestamp('Done'), reason: z.string() }),
      )
      .meta({ description: 'What operators did to the record' }),
  })
  .meta({ id: 'Disclosure' });

export const discloseRecord = {
  id: 'disclose-record',
  method: 'POST',
  path: '/v1/rights/disclosures',
  scope: 'public',
  maxBodyBytes: bodyLimits.certificates,
  summary: 'Disclose to a person everything held about them',
  description: 'Authenticated by the card, for a challenge whose act is `disclose`.',
  body: z.strictObject(byCard).meta({ id: 'DiscloseRecordRequest' }),
  responses: { 200: { description: 'Everything held', schema: disclosure } },
  problems: [...cardProblems, 'rights-act-impossible'],
} as const satisfies OperationContract;

export const discloseRecordPage = {
  id: 'disclose-record-page',
  method: 'POST',
  path: '/v1/rights/disclosures/page',
  scope: 'public',
  maxBodyBytes: bodyLimits.certificates,
  summary: 'The same as a page to read, in Japanese or English',
  body: z
    .strictObject({ ...byCard, language: z.enum(['ja', 'en']).default('ja') })
    .meta({ id: 'DiscloseRecordPageRequest' }),
  responses: { 200: { description: 'HTML', mediaType: 'text/html' } },
  problems: [...cardProblems, 'rights-act-impossible'],
} as const satisfies OperationContract;

export const requestRight = {
  id: 'request-right',
  method: 'POST',
  path: '/v1/rights/requests',
  scope: 'public',
  maxBodyBytes: bodyLimits.certificates,
  summary: 'Suspend, resume, delete, or cancel a deletion',
  description:
    'Does what the challenge names. A deletion suspends use at once, and is executed after the time of grace.',
  body: z.strictObject(byCard).meta({ id: 'RequestRightRequest' }),
  responses: { 200: { description: 'What holds now', schema: useOfRecord } },
  problems: [...cardProblems, 'rights-act-impossible'],
} as const satisfies OperationContract;
