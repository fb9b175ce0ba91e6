import * as z from 'zod';
import { flagKinds } from '../../people/flags.ts';
import { peopleLimits } from '../../people/limits.ts';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import {
  id,
  name,
  ppid,
  timestamp,
  withoutIdentifiers,
} from '../../platform/http/schemas/field-formats.ts';
import type { Scope } from '../../platform/http/scope.ts';

export const personsReport = {
  name: 'persons:report',
  description: 'Report that PPIDs of the service are one person, or one is two persons',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

export const personsDecide = {
  name: 'persons:decide',
  description: 'Decide who is one person: read flags, merge and split records',
  grantedTo: ['operator'],
} as const satisfies Scope;

const handle = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]{40,1024}$/)
    .meta({ description: `${what}; a handle expires after a day` });

const reason = withoutIdentifiers(name('Why')).meta({
  description: 'Why, in words; without names, numbers or identifiers of persons',
});

const flagKind = z.enum(flagKinds).meta({
  description:
    'predecessor-…: the linkage service relates a certificate to one that is filed under another person. signature-…: the same of a signature certificate. reported-…: a service reports its PPIDs',
});

const flagMembers = {
  flagId: z.string(),
  kind: flagKind,
  seenAt: timestamp('First observed'),
  state: z.enum(['open', 'settled']),
  settledAs: z.enum(['one-person', 'two-persons']).optional(),
  settledAt: timestamp('Decided').optional(),
};
const flag = z.object(flagMembers).meta({ id: 'Flag' });

const actKind = z.enum(['merge', 'split']);

const person = z
  .object({
    handle: z.string().meta({ description: 'Names this person in an act, for a day' }),
    suspended: z.boolean(),
    merged: z.int().meta({ description: 'Records that were merged into this one' }),
    services: z.int().meta({ description: 'Number of services that know the person' }),
    certificates: z.array(
      z.object({
        handle: z.string().meta({ description: 'Names this certificate in a split, for a day' }),
        label: z.string().meta({
          description: 'The same at every reading, until the keys get a new version',
        }),
        kind: z.enum(['user-authentication', 'digital-signature']),
        filedOn: z.string().meta({ description: 'Day of first sight, UTC', format: 'date' }),
        superseded: z.boolean(),
        predecessor: z.enum(['renewed', 'beside', 'none', 'not-asked']).meta({
          description: 'What the linkage service answered about a predecessor',
        }),
      }),
    ),
    acts: z.array(
      z.object({
        actId: z.string(),
        kind: actKind,
        at: timestamp('Performed'),
        operator: z.string().meta({ description: 'Thumbprint of the proposer’s key' }),
        approvedBy: z.string().optional().meta({ description: 'Thumbprint of the approver’s key' }),
        reason: z.string(),
      }),
    ),
  })
  .meta({ id: 'PersonForOperator' });

const act = z
  .object({
    actId: z.string(),
    kind: actKind,
    flagId: z.string(),
    state: z.enum(['proposed', 'done']),
    operator: z.string().meta({ description: 'Thumbprint of the proposer’s key' }),
    reason: z.string(),
    certificates: z
      .array(z.string())
      .optional()
      .meta({ description: 'For a split: labels of the certificates that leave' }),
    proposedAt: timestamp('Proposed'),
    expiresAt: timestamp('Must be approved before'),
    approvedBy: z.string().optional().meta({ description: 'Thumbprint of the approver’s key' }),
    doneAt: timestamp('Performed').optional(),
    services: z.int().optional().meta({ description: 'Number of services that the act concerns' }),
  })
  .meta({ id: 'OperatorAct' });

const page = {
  cursor: id('The cursor').optional().meta({ description: '`next` of the previous page' }),
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, { error: 'from 1 to 100' })
    .optional()
    .meta({ description: 'Records that a page looks at, at most 100; 50 by default' }),
};
const next = z.string().optional().meta({ description: 'Absent on the last page' });

export const reportPersons = {
  id: 'report-persons',
  method: 'POST',
  path: '/v1/persons/reports',
  scope: personsReport,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Report PPIDs that are one person, or a PPID that is two',
  description:
    'Two PPIDs: they seem to be one person. One PPID: it seems to be used by two persons. Raises a flag for the operators, which does not name the service; nothing changes until they decide.',
  body: z.strictObject({ ppids: z.array(ppid).min(1).max(2) }).meta({ id: 'ReportPersonsRequest' }),
  responses: {
    201: {
      description: 'Raised',
      schema: z
        .object({
          flagId: z.string().meta({ description: 'Name it when you speak with the operator' }),
          kind: flagKind,
        })
        .meta({ id: 'PersonReport' }),
    },
  },
  problems: ['ppid-not-found', 'identity-act-impossible'],
} as const satisfies OperationContract;

export const listFlags = {
  id: 'list-flags',
  method: 'GET',
  path: '/v1/persons/flags',
  scope: personsDecide,
  maxBodyBytes: 0,
  summary: 'List records that disagree',
  description: 'In arbitrary order. A page can be empty while `next` is present.',
  query: z.object({
    ...page,
    state: z.enum(['open', 'settled', 'all']).optional().meta({ description: '`open` by default' }),
  }),
  responses: {
    200: {
      description: 'A page',
      schema: z.object({ flags: z.array(flag), next }).meta({ id: 'FlagList' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

const flagPath = z.object({ flagId: id('The flag') });

export const getFlag = {
  id: 'get-flag',
  method: 'GET',
  path: '/v1/persons/flags/{flagId}',
  scope: personsDecide,
  maxBodyBytes: 0,
  summary: 'Read a flag and the records that it concerns',
  description:
    'Persons and certificates are named by handles. No serial number, PPID or service is shown.',
  pathParameters: flagPath,
  responses: {
    200: {
      description: 'The flag',
      schema: z.object({ ...flagMembers, persons: z.array(person) }).meta({ id: 'FlagInFull' }),
    },
  },
  problems: ['flag-not-found'],
} as const satisfies OperationContract;

export const settleFlag = {
  id: 'settle-flag',
  method: 'POST',
  path: '/v1/persons/flags/{flagId}/settlement',
  scope: personsDecide,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Leave the records as they are',
  description:
    'Settles the flag without an act: its persons are as the records say. A flag that is settled stays as it is.',
  pathParameters: flagPath,
  body: z.strictObject({ reason }).meta({ id: 'SettleFlagRequest' }),
  responses: { 200: { description: 'The settled flag', schema: flag } },
  problems: ['flag-not-found'],
} as const satisfies OperationContract;

export const proposeAct = {
  id: 'propose-act',
  method: 'POST',
  path: '/v1/persons/acts',
  scope: personsDecide,
  maxBodyBytes: bodyLimits.fields,
  idempotent: true,
  summary: 'Propose a merge or a split',
  description: `Neither can be undone: nothing changes until another operator, with a key of their own, approves it within ${peopleLimits.proposalMs / 86_400_000} days.`,
  body: z
    .discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('merge'),
        flagId: id('The flag'),
        keep: handle('The person whose PPIDs stay current'),
        absorb: handle('The person whose record is merged into the other'),
        reason,
      }),
      z.strictObject({
        kind: z.literal('split'),
        flagId: id('The flag'),
        person: handle('The person'),
        certificates: z
          .array(handle('A certificate that leaves'))
          .min(1)
          .max(peopleLimits.certificatesPerSplit),
        reason,
      }),
    ])
    .meta({ id: 'ProposeActRequest' }),
  responses: { 201: { description: 'Waits for approval', schema: act } },
  problems: [
    'flag-not-found',
    'handle-invalid',
    'identity-act-impossible',
    'idempotency-key-reused',
    'request-in-progress',
  ],
} as const satisfies OperationContract;

export const listActs = {
  id: 'list-acts',
  method: 'GET',
  path: '/v1/persons/acts',
  scope: personsDecide,
  maxBodyBytes: 0,
  summary: 'List acts that wait for approval or were performed lately',
  query: z.object(page),
  responses: {
    200: {
      description: 'A page',
      schema: z.object({ acts: z.array(act), next }).meta({ id: 'OperatorActList' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const approveAct = {
  id: 'approve-act',
  method: 'POST',
  path: '/v1/persons/acts/{actId}/approval',
  scope: personsDecide,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Approve and perform a proposed act',
  description:
    'In one transaction with the proposal and the flag. A repetition returns what was performed.',
  pathParameters: z.object({ actId: id('The act') }),
  body: z.strictObject({}).optional(),
  responses: { 200: { description: 'Performed', schema: act } },
  problems: ['act-not-found', 'second-operator-needed', 'identity-act-impossible'],
} as const satisfies OperationContract;
