import * as z from 'zod';

/** RFC 9457, as every error comes. */
const rfc9457 = z
  .object({
    type: z.string().meta({ description: 'urn:problem-type:mykey:<code>' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional().meta({ description: 'urn:mykey:request:<request id>' }),
    code: z
      .string()
      .meta({ description: 'Stable; docs/problems.md lists every one with its cure' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().optional().meta({ description: 'JSON Pointer into the body' }),
          parameter: z.string().optional(),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });

const idempotencyHeader = z.object({
  'Idempotency-Key': z.string().min(8).max(128).optional().meta({
    description:
      'Repeating a request with its key within a day gives the first answer again; errors are not kept',
  }),
});

export const problemSchema = { rfc9457, idempotencyHeader } as const;
