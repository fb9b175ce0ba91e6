import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { id, label, timestamp } from '../../platform/http/schemas/field-formats.ts';

export const terminalsWrite = {
  name: 'terminals:write',
  description: 'Register the terminals at which cards are read, and revoke them',
  grantedTo: ['type1', 'library'],
} as const satisfies Scope;

const terminal = z
  .object({
    terminalId: id('The terminal'),
    name: z.string(),
    unattended: z.boolean(),
    createdAt: timestamp('Registered'),
    pairedAt: timestamp('Its reader program was paired').optional(),
  })
  .meta({ id: 'Terminal' });

/** RFC 6750 §2.1. */
const code = z
  .string()
  .max(256)
  .regex(/^[A-Za-z0-9._-]+$/);

export const createTerminal = {
  id: 'create-terminal',
  method: 'POST',
  path: '/v1/terminals',
  scope: terminalsWrite,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Register a terminal',
  description:
    'Returns the code that pairs the reader program of that machine (`npx mykey reader pair`), once, within an hour.',
  body: z
    .strictObject({
      name: label('What the service calls the machine'),
      unattended: z
        .boolean()
        .default(false)
        .meta({ description: 'A kiosk without staff: it reads no card without its PIN' }),
    })
    .meta({ id: 'CreateTerminalRequest' }),
  responses: {
    201: {
      description: 'Registered',
      schema: terminal
        .extend({
          pairingCode: z.string().meta({ description: 'Shown once; single use' }),
          expiresAt: timestamp('The pairing code expires at this time'),
        })
        .meta({ id: 'CreatedTerminal' }),
    },
  },
  problems: ['terminals-used-up'],
} as const satisfies OperationContract;

export const listTerminals = {
  id: 'list-terminals',
  method: 'GET',
  path: '/v1/terminals',
  scope: terminalsWrite,
  maxBodyBytes: 0,
  summary: 'List the terminals of the service',
  responses: {
    200: {
      description:
        'All of them, oldest first; `pairedAt` is absent until the reader program was paired',
      schema: z.object({ terminals: z.array(terminal) }).meta({ id: 'TerminalList' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;

export const pairTerminal = {
  id: 'pair-terminal',
  method: 'POST',
  path: '/v1/terminals/pairings',
  scope: 'public',
  maxBodyBytes: bodyLimits.fields,
  summary: 'Pair a terminal (reader program)',
  description: 'The pairing code is the only credential. The token is needed to claim tickets.',
  body: z.strictObject({ code }).meta({ id: 'PairTerminalRequest' }),
  responses: {
    201: {
      description: 'Paired',
      schema: z
        .object({
          terminalId: id('The terminal'),
          name: z.string(),
          token: z.string().meta({ description: 'Kept by the reader program, on its machine' }),
        })
        .meta({ id: 'PairedTerminal' }),
    },
  },
  problems: ['pairing-code-invalid'],
} as const satisfies OperationContract;

export const revokeTerminal = {
  id: 'revoke-terminal',
  method: 'DELETE',
  path: '/v1/terminals/{terminalId}',
  scope: terminalsWrite,
  maxBodyBytes: 0,
  summary: 'Revoke a terminal',
  description: 'Its reader program can claim no ticket from then on.',
  pathParameters: z.object({ terminalId: id('The terminal') }),
  responses: {
    200: {
      description: 'Revoked',
      schema: z.object({ terminalId: id('The terminal') }).meta({ id: 'RevokedTerminal' }),
    },
  },
  problems: ['terminal-not-found'],
} as const satisfies OperationContract;
