import { isCodedError, type ErrorCode } from '../../errors.ts';
import {
  awaitUserNumber,
  previewAwait,
  previewLink,
  putLink,
  type LinkPorts,
  type LinkWish,
} from '../../people/links.ts';
import { linkLimits } from './limits.ts';

export type RowOutcome = 'linked' | 'replaced' | 'unchanged' | 'waiting' | 'refused';

export interface RowResult {
  readonly row: number;
  readonly outcome: RowOutcome;
  /** Set for a refused row. */
  readonly code?: ErrorCode;
}

export interface RowResults {
  readonly dryRun: boolean;
  /** Each row counts in exactly one of them. */
  readonly counts: Readonly<Partial<Record<RowOutcome, number>>>;
  readonly rows: readonly RowResult[];
}

/**
 * Links row by row; a refused row does not affect the others. Rows that share a person or a number
 * are processed in order, so that the second sees the result of the first.
 * @throws MyKeyError `dependency-unavailable`: earlier rows may be linked; send the same rows again
 */
export async function importLinks(
  ports: LinkPorts,
  serviceId: string,
  rows: readonly Omit<LinkWish, 'replace'>[],
  { dryRun, replace }: { readonly dryRun: boolean; readonly replace: boolean },
): Promise<RowResults> {
  const one = async (row: Omit<LinkWish, 'replace'>): Promise<RowOutcome> => {
    const wish = { ...row, replace };
    if (dryRun) return previewLink(ports, serviceId, wish);
    return (await putLink(ports, serviceId, wish)).outcome;
  };
  const repeated = repeatedSides(rows);
  return eachRow(
    rows,
    dryRun,
    one,
    (row) => repeated.has(row.ppid) || repeated.has(row.userNumber),
  );
}

/** @throws MyKeyError `dependency-unavailable`, as `importLinks` */
export async function awaitLinks(
  ports: LinkPorts,
  serviceId: string,
  userNumbers: readonly string[],
  { dryRun }: { readonly dryRun: boolean },
): Promise<RowResults> {
  const act = dryRun ? previewAwait : awaitUserNumber;
  const repeated = new Set(userNumbers.filter((one, at) => userNumbers.indexOf(one) !== at));
  return eachRow(
    userNumbers,
    dryRun,
    (userNumber) => act(ports, serviceId, userNumber),
    (userNumber) => repeated.has(userNumber),
  );
}

function repeatedSides(rows: readonly Omit<LinkWish, 'replace'>[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { ppid, userNumber } of rows) {
    for (const side of [ppid, userNumber]) (seen.has(side) ? repeated : seen).add(side);
  }
  return repeated;
}

/** Processes rows concurrently; rows that share a person or a number run afterwards, in order. */
async function eachRow<Row>(
  rows: readonly Row[],
  dryRun: boolean,
  act: (row: Row) => Promise<RowOutcome>,
  inOrder: (row: Row) => boolean,
): Promise<RowResults> {
  const results: RowResult[] = [];
  const attempt = async (row: number): Promise<void> => {
    try {
      results[row] = { row, outcome: await act(rows[row]!) };
    } catch (error) {
      if (!isCodedError(error) || error.code === 'dependency-unavailable') throw error;
      results[row] = { row, outcome: 'refused', code: error.code };
    }
  };
  const positions = rows.map((_, position) => position);
  const alone = positions.filter((position) => !inOrder(rows[position]!));
  for (let from = 0; from < alone.length; from += linkLimits.rowsAtOnce) {
    await Promise.all(alone.slice(from, from + linkLimits.rowsAtOnce).map(attempt));
  }
  for (const position of positions) if (inOrder(rows[position]!)) await attempt(position);
  const counts: Partial<Record<RowOutcome, number>> = {};
  for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return { dryRun, counts, rows: results };
}
