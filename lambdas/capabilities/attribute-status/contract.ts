import * as z from 'zod';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import { timestamp } from '../../platform/http/schemas/field-formats.ts';

export const checkAttributes = {
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
