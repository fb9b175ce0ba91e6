import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { timestamp } from '../../platform/http/schemas/field-formats.ts';

export const challengesWrite = {
  name: 'challenges:write',
  description: 'Create challenges',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

export const challenge = z
  .object({
    challenge: z.string().meta({
      description:
        'One line of ASCII that the card signs as a whole. It contains its format, this platform, the service, the time and a nonce: show it to the person, or check that it names your service',
      examples: [
        'my-key-platform/challenge/1 issuer=https://api.example.jp service=svc_4f1c time=2026-11-27T08:30:00Z nonce=p1mTq0mT2b0VnYV4y7lq3A mac=3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      ],
    }),
    expiresAt: timestamp('Five minutes after issuance'),
  })
  .meta({ id: 'Challenge' });

export const createChallenge = {
  id: 'create-challenge',
  method: 'POST',
  path: '/v1/challenges',
  scope: challengesWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Create a challenge',
  description:
    'A text for the card to sign: single use, valid for 5 minutes, bound to the client that requested it.',
  body: z.strictObject({}).optional(),
  responses: { 201: { description: 'Created', schema: challenge } },
  problems: [],
} as const satisfies OperationContract;
