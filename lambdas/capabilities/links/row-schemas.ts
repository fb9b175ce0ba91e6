import * as z from 'zod';

/** Schemas of links to user numbers that the PPID and the My Key ID of a person have in common. */

export const linkOutcomes = ['linked', 'replaced', 'unchanged'] as const;

export const replace = z.boolean().default(false).meta({
  description: 'Removes conflicting links: the person’s other number, the number’s other person',
});

export const dryRun = z
  .boolean()
  .default(false)
  .meta({ description: 'Reports the outcome without writing' });

/** What became of each row of an import, by the outcomes that an accepted row can have. */
export const rowResults = (accepted: readonly string[]) =>
  z.object({
    dryRun: z.boolean(),
    counts: z
      .record(z.string(), z.int())
      .meta({ description: 'Number of rows by outcome; each row counts once' }),
    rows: z.array(
      z.object({
        row: z.int().meta({ description: 'Position in the request, from 0' }),
        outcome: z.enum([...accepted, 'refused']),
        code: z.string().optional().meta({ description: 'Why the row was refused' }),
      }),
    ),
  });

export const exportCursor = z
  .string()
  .regex(/^(0|[1-9]\d{0,2})$/)
  .optional()
  .meta({ description: '`next` of the previous page; absent for the first page' });
