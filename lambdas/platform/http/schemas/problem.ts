import * as z from 'zod';
import { errorCodes, quotaNames } from '../../../errors.ts';

export const problemCode = z.enum(errorCodes).meta({
  id: 'ProblemCode',
  description: 'Stable identifier of the condition. New codes may be added',
});

/** Problem document of every error (RFC 9457). */
const rfc9457 = z
  .object({
    type: z.url().meta({ description: 'URL of a page with the meaning of the code and its cure' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional().meta({ description: 'urn:mykey:request:<request id>' }),
    code: problemCode,
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().meta({ description: 'JSON Pointer into the body' }),
          parameter: z.string().optional(),
          detail: z.string(),
        }),
      )
      .optional(),
    quota: z.enum(quotaNames).optional().meta({ description: 'For 429: the exhausted quota' }),
  })
  .meta({ id: 'Problem' });

const idempotencyHeader = z.object({
  'Idempotency-Key': z.string().min(8).max(128).optional().meta({
    description:
      'Repeating a request with its key within a day gives the first answer again; errors are not kept',
  }),
});

export const problemSchema = { rfc9457, idempotencyHeader } as const;
