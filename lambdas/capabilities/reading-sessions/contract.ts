import * as z from 'zod';
import {
  acceptedSchema,
  claimSchema,
  instructionsSchema,
  readingModeSchema,
  readingResultSchema,
} from '../../../reader/protocol.ts';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { id, myKeyIdChosen, timestamp } from '../../platform/http/schemas/field-formats.ts';
import { authenticate } from '../authentications/contract.ts';
import { assurance } from '../services/assurance.ts';

export const readingSessionsWrite = {
  name: 'reading-sessions:write',
  description: 'Open reading sessions at a counter and get their outcome',
  grantedTo: ['type1', 'library'],
} as const satisfies Scope;

const mode = readingModeSchema.meta({
  description:
    '`pin`: the card signs after PIN entry; `hold`: certificate and chip without PIN, for persons who have enrolled. `…+attributes`: also the four attributes, encrypted to the service’s key',
});

const sessionId = id('The reading session');

export const openReadingSession = {
  id: 'open-reading-session',
  method: 'POST',
  path: '/v1/reading-sessions',
  scope: readingSessionsWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Open a reading session',
  description:
    'Returns a one-time ticket for the page to pass to the reader program (docs/reader-protocol.md), and the id by which the service gets the outcome.',
  body: z
    .strictObject({
      mode,
      enrolChip: z.boolean().default(false).meta({
        description:
          'With `pin`: enrols the chip, so that mode `hold` works at this service from then on',
      }),
      myKeyId: z
        .strictObject({
          choice: myKeyIdChosen
            .optional()
            .meta({ description: 'The first seven characters; random if absent' }),
        })
        .optional()
        .meta({
          description:
            'Library, with `pin`: issues a My Key ID to the holder. Who has one in force keeps it',
        }),
    })
    .refine(({ mode: given, myKeyId }) => myKeyId === undefined || given.startsWith('pin'), {
      path: ['myKeyId'],
      error: 'use a mode with PIN to issue a My Key ID',
    })
    .refine(({ mode: given, enrolChip }) => !enrolChip || given.startsWith('pin'), {
      path: ['enrolChip'],
      error: 'use a mode with PIN to enrol a chip',
    })
    .meta({ id: 'OpenReadingSessionRequest' }),
  responses: {
    201: {
      description: 'Opened',
      schema: z
        .object({
          sessionId,
          ticket: z.string().meta({ description: 'For the reader program; single use' }),
          expiresAt: timestamp('The ticket expires at this time, five minutes after issuance'),
        })
        .meta({ id: 'OpenReadingSessionResponse' }),
    },
  },
  problems: [
    'hold-not-permitted',
    'assurance-insufficient',
    'encryption-key-missing',
    'service-form-wrong',
  ],
} as const satisfies OperationContract;

export const claimTicket = {
  id: 'claim-reading-ticket',
  method: 'POST',
  path: '/v1/reading-sessions/claim',
  scope: 'public',
  maxBodyBytes: bodyLimits.fields,
  summary: 'Claim a ticket (reader program)',
  description:
    'The ticket can be used once, by the reader program of a terminal that is paired with the service (`POST /v1/terminals`).',
  body: claimSchema
    .extend({ protocol: z.int().min(1).max(1_000) })
    .meta({ id: 'ClaimReadingTicketRequest' }),
  responses: {
    200: {
      description: 'What to read',
      schema: instructionsSchema.meta({ id: 'ReadingInstructions' }),
    },
  },
  problems: [
    'agent-outdated',
    'ticket-invalid',
    'ticket-used',
    'terminal-not-paired',
    'hold-not-permitted',
  ],
} as const satisfies OperationContract;

export const reportReading = {
  id: 'report-reading',
  method: 'POST',
  path: '/v1/reading-sessions/result',
  scope: 'public',
  maxBodyBytes: bodyLimits.certificates,
  summary: 'Report what was read (reader program)',
  description:
    'Requires `Authorization: Bearer` with the result token of the claim, which can be used once, whatever the outcome.',
  body: readingResultSchema.meta({ id: 'ReadingResult' }),
  responses: {
    200: { description: 'Accepted', schema: acceptedSchema.meta({ id: 'ReadingAccepted' }) },
  },
  problems: [
    'ticket-invalid',
    'ticket-used',
    ...authenticate.problems.filter(
      (code) => code !== 'idempotency-key-reused' && code !== 'request-in-progress',
    ),
    'enrolment-required',
    'pinless-unsupported',
    'attributes-invalid',
    'chip-unknown',
    'chip-taken',
    'chip-proof-invalid',
    'chip-record-invalid',
    'chip-certificate-invalid',
    'chip-root-unknown',
    'my-key-id-not-found',
    'my-key-id-taken',
  ],
} as const satisfies OperationContract;

const outcome = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('read'),
    ppid: z
      .string()
      .optional()
      .meta({ description: 'Type 1: the person’s identifier at this service only' }),
    myKeyId: z
      .string()
      .optional()
      .meta({ description: 'Library: the person’s My Key ID, the same at every library' }),
    assurance: assurance.meta({
      description:
        '`card-signature`: the card signed after PIN entry. `chip-presence`: the enrolled chip answered; its holder was not authenticated',
    }),
    chipEnrolled: z
      .boolean()
      .meta({ description: 'The chip is enrolled: mode `hold` works from now on' }),
    readAt: timestamp('When it was accepted'),
    attributes: z.string().optional().meta({
      description:
        'The four attributes as a compact JWE (RFC 7516, ECDH-ES, A256GCM) for the service’s key; `apv` is the session’s id. Returned once, within five minutes',
    }),
    attributesStatus: z.enum(['handed-over', 'taken-before', 'expired']).optional().meta({
      description:
        'Modes with attributes: `handed-over` with `attributes`, otherwise why they are absent',
    }),
  }),
  z.object({
    outcome: z.literal('refused'),
    code: z.string().meta({ description: 'A code of this platform (docs/problems.md)' }),
  }),
  z.object({
    outcome: z.literal('failed'),
    code: z
      .string()
      .meta({ description: 'A code of the reader program (docs/reader-protocol.md)' }),
  }),
]);

const readingSession = z
  .object({
    sessionId,
    mode,
    state: z.enum(['waiting', 'reading', 'ended']).meta({
      description: '`reading` after the ticket was claimed',
    }),
    result: outcome.optional().meta({ description: 'Present once the session has ended' }),
  })
  .meta({ id: 'ReadingSession' });

export const redeemHandover = {
  id: 'redeem-reading-handover',
  method: 'POST',
  path: '/v1/reading-sessions/handover',
  scope: readingSessionsWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Get the outcome of a reading by its one-time code',
  description:
    'The code comes from the reading screen, by message or redirect. It proves to the service that the page that brought it is the one at which the card was read.',
  body: z
    .strictObject({ handover: claimSchema.shape.ticket })
    .meta({ id: 'RedeemReadingHandoverRequest' }),
  responses: { 200: { description: 'The session, which has ended', schema: readingSession } },
  problems: ['reading-session-not-found', 'reading-session-expired', 'handover-used'],
} as const satisfies OperationContract;

export const getReadingSession = {
  id: 'get-reading-session',
  method: 'GET',
  path: '/v1/reading-sessions/{sessionId}',
  scope: readingSessionsWrite,
  maxBodyBytes: 0,
  summary: 'Get the outcome of a reading',
  pathParameters: z.object({ sessionId }),
  responses: { 200: { description: 'The current state of the session', schema: readingSession } },
  problems: ['reading-session-not-found', 'reading-session-expired'],
} as const satisfies OperationContract;
