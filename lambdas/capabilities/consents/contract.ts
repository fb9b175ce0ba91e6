import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import { label, ppid, timestamp } from '../../platform/http/schemas/field-formats.ts';
import type { Scope } from '../../platform/http/scope.ts';

export const consentsWrite = {
  name: 'consents:write',
  description: 'Record and withdraw consents of the service’s persons',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

export const consentsRead = {
  name: 'consents:read',
  description: 'Read consents of the service’s persons',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

const document = label('The service’s own name of the text');
const version = label('The version of the text');
const kind = z.enum(['consent', 'notice']).meta({
  description: 'Whether the person consented to the text, or received it',
});

const consents = z
  .object({
    consents: z
      .array(
        z.object({
          kind,
          document,
          version,
          recordedAt: timestamp('Recorded'),
          withdrawnAt: timestamp('Withdrawn').optional(),
        }),
      )
      .meta({ description: 'In the order in which they were recorded; withdrawn ones stay' }),
  })
  .meta({ id: 'Consents' });

export const recordConsent = {
  id: 'record-consent',
  method: 'POST',
  path: '/v1/consents',
  scope: consentsWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Record that a person consented to a text, or received it',
  description: 'For what a service relies on. Idempotent, so the call may be repeated.',
  body: z
    .strictObject({ ppid, document, version, kind: kind.default('consent') })
    .meta({ id: 'RecordConsentRequest' }),
  responses: { 200: { description: 'All that is recorded', schema: consents } },
  problems: ['ppid-not-found', 'consents-full'],
} as const satisfies OperationContract;

export const readConsents = {
  id: 'read-consents',
  method: 'POST',
  path: '/v1/consents/lookup',
  scope: consentsRead,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Read what a person consented to or received',
  body: z.strictObject({ ppid }).meta({ id: 'ReadConsentsRequest' }),
  responses: { 200: { description: 'All that is recorded', schema: consents } },
  problems: ['ppid-not-found'],
} as const satisfies OperationContract;

export const withdrawConsent = {
  id: 'withdraw-consent',
  method: 'POST',
  path: '/v1/consents/withdraw',
  scope: consentsWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Withdraw a consent, to all versions of a text',
  body: z.strictObject({ ppid, document }).meta({ id: 'WithdrawConsentRequest' }),
  responses: { 200: { description: 'All that is recorded', schema: consents } },
  problems: ['ppid-not-found', 'consent-not-found'],
} as const satisfies OperationContract;
