import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { timestamp } from '../../platform/http/schemas/field-formats.ts';

export const attributesRead = {
  name: 'attributes:read',
  description: 'Ask whether the attributes of a person changed',
  grantedTo: ['type1', 'type2'],
} as const satisfies Scope;

export const checkAttributes = {
  id: 'check-attributes',
  method: 'POST',
  path: '/v1/attribute-status',
  scope: attributesRead,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Did the attributes of a person change',
  description:
    'Since the service last confirmed them: name, address, birth date or sex, told by the signature certificate of that time. Unknown is an answer of its own; the first question without `confirmed` is always unknown.',
  body: z
    .strictObject({
      ppid: z.string().regex(/^[a-z2-7]{32}$/),
      confirmed: z.boolean().default(false).meta({
        description: 'The service has read the attributes anew: count changes from now on',
      }),
    })
    .meta({ id: 'CheckAttributesRequest' }),
  responses: {
    200: {
      description: 'unchanged, changed, or unknown with the reason',
      schema: z
        .object({
          status: z.enum(['unchanged', 'changed', 'unknown']),
          changedAt: timestamp('The signature certificate was revoked at').optional(),
          reason: z.string().optional().meta({ description: 'Unknown: why nobody can say' }),
          checkedAt: timestamp('Now'),
          source: z.string().optional().meta({ description: 'The list that answered' }),
          crlNumber: z.string().optional(),
          thisUpdate: timestamp('The list was true at').optional(),
          ageSeconds: z.int().optional(),
        })
        .meta({ id: 'AttributeStatus' }),
    },
  },
  problems: ['ppid-not-found'],
} as const satisfies OperationContract;
