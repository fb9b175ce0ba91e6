import * as z from 'zod';
import { bodyLimits } from '../../platform/http/limits.ts';
import type { OperationContract } from '../../platform/http/operation-contract.ts';
import type { Scope } from '../../platform/http/scope.ts';
import { resealLimits } from './limits.ts';

export const keysReseal = {
  name: 'keys:reseal',
  description: 'Re-seal records under the current version of the identity keys',
  grantedTo: ['operator'],
} as const satisfies Scope;

const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(resealLimits.cursorCharacters)
  .optional()
  .meta({ description: '`next` of the previous answer for this part; absent: from the beginning' });

export const resealRecords = {
  id: 'reseal-records',
  method: 'POST',
  path: '/v1/key-versions/reseal',
  scope: keysReseal,
  maxBodyBytes: bodyLimits.fields,
  summary: 'Re-seal records under the current key version',
  description:
    'Works for some seconds and returns where to continue. The change of version is complete when a whole pass, over every segment and over the waiting numbers, has found no record of the previous version. Calls may be repeated and run side by side for different segments. `npx mykey reseal` makes these calls.',
  body: z
    .discriminatedUnion('part', [
      z.strictObject({
        part: z.literal('records'),
        segment: z
          .int()
          .min(0)
          .max(resealLimits.segments - 1),
        segments: z.int().min(1).max(resealLimits.segments),
        cursor,
      }),
      z.strictObject({ part: z.literal('waiting-numbers'), cursor }),
    ])
    .refine((body) => body.part !== 'records' || body.segment < body.segments, {
      path: ['segment'],
      message: 'below `segments`',
    })
    .meta({ id: 'ResealRequest' }),
  responses: {
    200: {
      description: 'Done so far',
      schema: z
        .object({
          keyVersion: z.int().meta({ description: 'The current version' }),
          subjects: z.int().meta({ description: 'Persons looked at in this call' }),
          records: z
            .int()
            .meta({ description: 'Records of the previous version found in this call' }),
          next: z.string().optional().meta({ description: 'Absent at the end of the part' }),
        })
        .meta({ id: 'Resealed' }),
    },
  },
  problems: [],
} as const satisfies OperationContract;
