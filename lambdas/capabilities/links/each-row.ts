import { isCodedError, type ErrorCode } from '../../errors.ts';
import { severalAtOnce } from '../../several-at-once.ts';
import { linkLimits } from './limits.ts';

export interface RowResult<Outcome extends string> {
  /** Position in the request, from 0. */
  readonly row: number;
  readonly outcome: Outcome | 'refused';
  /** Set for a refused row. */
  readonly code?: ErrorCode;
}

export interface RowResults<Outcome extends string> {
  readonly dryRun: boolean;
  /** Each row counts in exactly one of them. */
  readonly counts: Readonly<Partial<Record<Outcome | 'refused', number>>>;
  readonly rows: readonly RowResult<Outcome>[];
}

/**
 * Processes rows concurrently; a refused row does not affect the others. Rows for which `inOrder` is
 * true run afterwards, in order, so that the second sees the result of the first.
 * @throws MyKeyError `dependency-unavailable`: earlier rows may be written; send the same rows again
 */
export async function eachRow<Row, Outcome extends string>(
  rows: readonly Row[],
  dryRun: boolean,
  act: (row: Row) => Promise<Outcome>,
  inOrder: (row: Row) => boolean,
): Promise<RowResults<Outcome>> {
  const results: RowResult<Outcome>[] = [];
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
  await severalAtOnce(alone, linkLimits.rowsAtOnce, attempt);
  for (const position of positions) if (inOrder(rows[position]!)) await attempt(position);
  const counts: Partial<Record<Outcome | 'refused', number>> = {};
  for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return { dryRun, counts, rows: results };
}

/** Whether a row shares one of its sides (person, user number) with another row. */
export function sharingSides<Row>(
  rows: readonly Row[],
  sidesOf: (row: Row) => readonly string[],
): (row: Row) => boolean {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const side of rows.flatMap(sidesOf)) (seen.has(side) ? repeated : seen).add(side);
  return (row) => sidesOf(row).some((side) => repeated.has(side));
}
