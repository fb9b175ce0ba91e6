import type { PathCheck } from './path-check.ts';
import { authorityChecks, finalChecks } from './checks-in-order.ts';
import type { PathResult } from './validate-path.ts';

/** One check in a report: rule, clause, outcome. */
export interface CheckOutcome {
  readonly id: string;
  readonly clause: string;
  readonly outcome: 'passed' | 'failed';
  /** Message of the decoder that failed. */
  readonly detail?: string | undefined;
}

/**
 * The checks that ran, in order, on the leaf of a valid path or on the refused certificate. The failed
 * check is the last; later ones did not run.
 */
export function checkOutcomes(result: PathResult): readonly CheckOutcome[] {
  if (result.valid) return passedChecks;
  const { certificateIndex, path, anchor, check, clause, detail } = result;
  const refused: CheckOutcome = { id: check, clause, outcome: 'failed', detail };
  const ran = certificateIndex === 0 ? finalChecks : authorityChecks;
  const position = ran.findIndex(({ id }) => id === check);
  // Checks run on complete paths only, and a refused trust anchor has a single check.
  if (anchor === undefined || certificateIndex === path.length) return [refused];
  return [...ran.slice(0, position).map((passed) => outcome(passed, 'passed')), refused];
}

const outcome = ({ id, clause }: PathCheck, said: CheckOutcome['outcome']): CheckOutcome => ({
  id,
  clause,
  outcome: said,
});

/** The checks of a leaf that passed all. */
export const passedChecks: readonly CheckOutcome[] = finalChecks.map((check) =>
  outcome(check, 'passed'),
);
