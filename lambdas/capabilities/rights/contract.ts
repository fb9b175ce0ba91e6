import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import {
  base64,
  certificate,
  id,
  intermediates,
  label,
  myKeyIdChosen,
  ppid,
  statement,
  timestamp,
  userNumber,
  withoutIdentifiers,
} from '../../platform/http/schemas/field-formats.ts';
import { signedChallengeProblems } from '../../platform/http/signed-challenge-problems.ts';
import { correctables, correctionOutcomes } from '../../people/corrections.ts';
import { cardActs, rightsActs } from '../../people/rights.ts';

const act = z.enum(rightsActs).meta({ description: 'What is asked for' });

export const createRightsChallenge = {
  id: 'create-rights-challenge',
  method: 'POST',
  path: '/v1/rights/challenges',
  scope: 'public',
  maxBodyBytes: bodyLimits.fields,
  summary: 'Create a challenge for a request of the person',
  description:
    'A text for the card to sign that names the request: single use, valid for 5 minutes. Show it to the person.',
  body: z
    .strictObject({
      act: z.enum(cardActs).meta({
        description: 'What the person asks for; it stands in the text that the card signs',
      }),
    })
    .meta({ id: 'CreateRightsChallengeRequest' }),
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

const cardProblems = [...signedChallengeProblems, 'person-not-known'] as const;

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

const correctionWish = {
  about: z.enum(correctables).meta({ description: 'What is wrong' }),
  serviceId: id('The service that holds it; needed for a user number or consent').optional(),
  statement: statement('In the person’s words; read by the operators alone').optional(),
} as const;

export const correction = z
  .object({
    requestId: z.string(),
    about: z.enum(correctables),
    serviceId: z.string().optional(),
    statement: z.string().optional(),
    by: z.enum(['person', 'operator']),
    requestedAt: timestamp('Asked for'),
    outcome: z
      .object({
        outcome: z.enum(correctionOutcomes),
        reason: z.string(),
        at: timestamp('Decided'),
      })
      .optional()
      .meta({ description: 'Absent until two operators have decided' }),
  })
  .meta({ id: 'Correction' });

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
        consents: z.array(
          z.object({
            kind: z.enum(['consent', 'notice']),
            document: z.string(),
            version: z.string(),
            recordedAt: timestamp('Recorded'),
            withdrawnAt: timestamp('Withdrawn').optional(),
          }),
        ),
      }),
    ),
    myKeyIds: z.array(
      z.object({
        myKeyId: z.string(),
        issuedAt: timestamp('Issued'),
        revokedAt: timestamp('Revoked').optional(),
      }),
    ),
    acts: z
      .array(
        z.object({ kind: z.enum(['merge', 'split']), at: timestamp('Done'), reason: z.string() }),
      )
      .meta({ description: 'What operators did to the record' }),
    corrections: z.array(correction).meta({ description: 'What was asked to be corrected' }),
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

export const requestCorrection = {
  id: 'request-correction',
  method: 'POST',
  path: '/v1/rights/corrections',
  scope: 'public',
  maxBodyBytes: bodyLimits.certificates,
  summary: 'Ask that what is held be corrected',
  description:
    'For a challenge whose act is `correct`. Two operators decide; the disclosure shows the outcome. A request about a record of two persons raises a flag by which they split it.',
  body: z.strictObject({ ...byCard, ...correctionWish }).meta({ id: 'RequestCorrectionRequest' }),
  responses: { 201: { description: 'Waits for the operators', schema: correction } },
  problems: [...cardProblems, 'rights-act-impossible'],
} as const satisfies OperationContract;

export const requestMyKeyId = {
  id: 'request-my-key-id',
  method: 'POST',
  path: '/v1/rights/my-key-id',
  scope: 'public',
  maxBodyBytes: bodyLimits.certificates,
  summary: 'Get or revoke a My Key ID',
  description:
    'For a challenge whose act is `issue-my-key-id` or `revoke-my-key-id`. Who has one in force gets that one; after a revocation, another.',
  body: z
    .strictObject({
      ...byCard,
      choice: myKeyIdChosen.optional().meta({
        description: 'The first seven characters; random if absent. The eighth is computed',
      }),
    })
    .meta({ id: 'RequestMyKeyIdRequest' }),
  responses: {
    200: {
      description: 'The My Key ID, in force or just revoked',
      schema: z
        .object({
          myKeyId: z.string(),
          issuedAt: timestamp('Issued'),
          revokedAt: timestamp('Revoked').optional(),
        })
        .meta({ id: 'MyKeyId' }),
    },
  },
  problems: [
    ...cardProblems,
    'rights-act-impossible',
    'subject-suspended',
    'my-key-id-taken',
    'my-key-id-not-found',
  ],
} as const satisfies OperationContract;

export const rightsHandle = {
  name: 'rights:handle',
  description: 'Take and approve requests on behalf of persons',
  grantedTo: ['operator'],
} as const satisfies Scope;

const behalfRequest = {
  requestId: z.string(),
  act,
  basis: z.enum(['guardian', 'agent']),
  fileReference: z.string(),
  requestedAt: timestamp('Taken'),
} as const;

export const takeRequest = {
  id: 'take-request-on-behalf',
  method: 'POST',
  path: '/v1/rights/behalf',
  scope: rightsHandle,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Take a request of a guardian or agent',
  description:
    'For a person who cannot use the card. Names the person as a service knows them. Nothing happens before another operator approves.',
  body: z
    .strictObject({
      act,
      basis: z.enum(['guardian', 'agent']),
      correction: z
        .strictObject(correctionWish)
        .optional()
        .meta({ description: 'For the act `correct`: what is wrong' }),
      fileReference: withoutIdentifiers(label('Where the papers are filed')).meta({
        description: 'Where the papers are filed; without names and numbers of persons',
      }),
      serviceId: id('A service that knows the person'),
      person: z.union([z.strictObject({ ppid }), z.strictObject({ userNumber })]),
    })
    .refine(({ act, correction }) => (act === 'correct') === (correction !== undefined), {
      path: ['correction'],
      message: 'name what is wrong for the act correct, and for no other',
    })
    .meta({ id: 'TakeRequestOnBehalfRequest' }),
  responses: {
    201: {
      description: 'Waits for approval',
      schema: z.object(behalfRequest).meta({ id: 'RequestOnBehalf' }),
    },
  },
  problems: ['person-not-known'],
} as const satisfies OperationContract;

export const listRequests = {
  id: 'list-requests-on-behalf',
  method: 'POST',
  path: '/v1/rights/behalf/list',
  scope: rightsHandle,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Requests on behalf of persons',
  body: z.strictObject({}).optional(),
  responses: {
    200: {
      description: 'Open and approved; a deletion of the person removes them',
      schema: z
        .object({
          requests: z.array(
            z.object({ ...behalfRequest, approvedAt: timestamp('Approved').optional() }),
          ),
        })
        .meta({ id: 'RequestsOnBehalf' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const approveRequest = {
  id: 'approve-request-on-behalf',
  method: 'POST',
  path: '/v1/rights/behalf/approve',
  scope: rightsHandle,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Approve a request and carry it out',
  description:
    'By another operator, that is with another key of the operator, than the one who took the request. After an unclear failure the same operator repeats the call.',
  body: z
    .strictObject({ requestId: id('The request') })
    .meta({ id: 'ApproveRequestOnBehalfRequest' }),
  responses: {
    200: {
      description: 'Done; a disclosure is for the guardian or agent, and is not stored',
      schema: z
        .object({
          act,
          use: useOfRecord.optional(),
          disclosure: disclosure.optional(),
          correction: correction.optional(),
        })
        .meta({ id: 'ApprovedRequestOnBehalf' }),
    },
  },
  problems: [
    'rights-request-not-found',
    'second-operator-needed',
    'rights-act-impossible',
    'person-not-known',
  ],
} as const satisfies OperationContract;

const proposedOutcome = {
  outcome: z.enum(correctionOutcomes),
  reason: withoutIdentifiers(statement('Told to the person in the disclosure')),
} as const;

const openCorrection = z
  .object({
    ...correction.omit({ outcome: true }).shape,
    flagId: z.string().optional().meta({
      description: 'Of a record of two persons: split it by this flag, then propose `corrected`',
    }),
    proposal: z
      .object({ ...proposedOutcome, operator: z.string(), proposedAt: timestamp('Proposed') })
      .optional(),
  })
  .meta({ id: 'OpenCorrection' });

export const listCorrections = {
  id: 'list-corrections',
  method: 'POST',
  path: '/v1/rights/corrections/list',
  scope: rightsHandle,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Requests for correction that wait for a decision',
  description: 'In arbitrary order; the person is not named.',
  body: z
    .strictObject({
      cursor: id('`next` of the previous page').optional(),
      limit: z.int().min(1).max(50).default(50),
    })
    .meta({ id: 'ListCorrectionsRequest' }),
  responses: {
    200: {
      description: 'A page',
      schema: z
        .object({
          corrections: z.array(openCorrection),
          next: z.string().optional().meta({ description: 'Absent on the last page' }),
        })
        .meta({ id: 'OpenCorrections' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const proposeOutcome = {
  id: 'propose-correction-outcome',
  method: 'POST',
  path: '/v1/rights/corrections/proposals',
  scope: rightsHandle,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Propose what becomes of a request for correction',
  description:
    'A user number or consent is passed to the service that recorded it, or refused. A record of two persons is `corrected` once it is split. A later proposal replaces an earlier one.',
  body: z
    .strictObject({ requestId: id('The request'), ...proposedOutcome })
    .meta({ id: 'ProposeCorrectionOutcomeRequest' }),
  responses: { 200: { description: 'Waits for another operator', schema: openCorrection } },
  problems: ['rights-request-not-found', 'rights-act-impossible', 'person-not-known'],
} as const satisfies OperationContract;

export const approveOutcome = {
  id: 'approve-correction-outcome',
  method: 'POST',
  path: '/v1/rights/corrections/approvals',
  scope: rightsHandle,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Approve the outcome of a request for correction',
  description:
    'By another operator, that is with another key of the operator. A service to which it is passed finds `person.correction-requested` in its events.',
  body: z
    .strictObject({ requestId: id('The request') })
    .meta({ id: 'ApproveCorrectionOutcomeRequest' }),
  responses: { 200: { description: 'Decided, as the person sees it', schema: correction } },
  problems: [
    'rights-request-not-found',
    'second-operator-needed',
    'rights-act-impossible',
    'person-not-known',
  ],
} as const satisfies OperationContract;
