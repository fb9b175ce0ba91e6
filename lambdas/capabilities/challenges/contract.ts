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
    challengeId: z.string(),
    challenge: z
      .string()
      .meta({ description: '32 random bytes to be signed by the card', contentEncoding: 'base64' }),
    expiresAt: timestamp('Five minutes after it was made'),
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
    '32 random bytes, single use, valid for 5 minutes, bound to the client that made it.',
  body: z.strictObject({}).optional(),
  responses: { 201: { description: 'Created', schema: challenge } },
  problems: [],
} as const satisfies OperationContract;
