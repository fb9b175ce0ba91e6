import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import {
  base64,
  certificate,
  intermediates,
  method,
  timestamp,
  userNumber,
} from '../../platform/http/schemas/field-formats.ts';
import { loginValidation } from '../../platform/http/schemas/validation.ts';
import { signedChallengeProblems } from '../../platform/http/signed-challenge-problems.ts';

export const authenticationsWrite = {
  name: 'authentications:write',
  description: 'Authenticate a card and get the PPID',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

export const authenticateRequest = z
  .strictObject({
    challenge: z
      .string()
      .max(2048)
      .regex(/^[\x20-\x7e]+$/, {
        error:
          'send the challenge unchanged: it contains a line break or another character outside visible ASCII',
      })
      .meta({ description: 'From POST /v1/challenges, unaltered' }),
    certificate,
    signature: base64(
      'Over the ASCII octets of the challenge by the user-authentication key: RSA PKCS#1 v1.5 with SHA-256, or ECDSA (DER) with SHA-256 on P-256, SHA-384 on P-384',
      1024,
    ),
    intermediates: intermediates.optional(),
    method: method.default('auto'),
    userNumber: userNumber.optional().meta({
      description:
        'User number in the service’s own system that the person claims: completes the link if POST /v1/links/await registered it',
    }),
  })
  .meta({ id: 'AuthenticateRequest' });

export const authentication = z
  .object({
    ppid: z.string().meta({ description: 'The person’s identifier at this service only' }),
    assurance: z.literal('card-signature').meta({
      description:
        'The card signed a fresh challenge after PIN entry, which proves more than reading the certificate',
    }),
    authenticatedAt: timestamp('Now'),
    link: z
      .object({ outcome: z.enum(['linked', 'refused']), code: z.string().optional() })
      .optional()
      .meta({
        description: 'Present if the request named a user number; the login succeeds either way',
      }),
    validation: loginValidation,
  })
  .meta({ id: 'Authentication' });

export const authenticate = {
  id: 'authenticate',
  method: 'POST',
  path: '/v1/authentications',
  scope: authenticationsWrite,
  maxBodyBytes: bodyLimits.certificates,
  idempotent: true,
  summary: 'Log a person in',
  description:
    'A challenge is used up when it is presented, whatever the outcome: request a new challenge for every attempt.',
  body: authenticateRequest,
  responses: {
    201: { description: 'The card is genuine, valid and present', schema: authentication },
  },
  problems: [
    ...signedChallengeProblems,
    'revocation-method-not-permitted',
    'subject-suspended',
    'idempotency-key-reused',
    'request-in-progress',
  ],
} as const satisfies OperationContract;
