import type { LinkPage } from '../../people/links.ts';
import type { RowResults } from './each-row.ts';

/** Adds to what the call's log line says; of links only how many. */
type Note = (fields: Readonly<Record<string, string | number | boolean | undefined>>) => void;

export function answerRows<Outcome extends string>(results: RowResults<Outcome>, note: Note) {
  note({ rows: results.rows.length, dryRun: results.dryRun, ...results.counts });
  return { status: 200, body: results } as const;
}

/** @param json a link as it is answered */
export function answerPage<Link, Json>(
  { links, waiting, next }: LinkPage<Link>,
  json: (link: Link) => Json,
  note: Note,
) {
  note({ exported: links.length, waiting: waiting.length });
  return {
    status: 200,
    body: {
      links: links.map(json),
      waiting,
      ...(next !== undefined && { next: String(next) }),
    },
  } as const;
}
