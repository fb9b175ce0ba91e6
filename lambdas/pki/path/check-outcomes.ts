import type { PathCheck } from './path-check.ts';
import { authorityChecks, finalChecks } from './checks-in-order.ts';
import type { PathResult } from './validate-path.ts';

/** One line of a report: which rule, where it stands, what it said. */
export interface CheckOutcome {
  readonly id: string;
  readonly clause: string;
  readonly outcome: 'passed' | 'failed';
  /** What a decoder could not read. */
  readonly detail?: string | undefined;
}

/**
 * The checks that ran on the certificate that a result is about (the leaf of a valid path, the refused
 * certificate of another), in order; those behind a refusal did not run and are not listed.
 */
export function checkOutcomes(result: PathResult): readonly CheckOutcome[] {
  if (result.valid) return allPassed;
  const { certificateIndex, path, anchor, check, clause, detail } = result;
  const refused: CheckOutcome = { id: check, clause, outcome: 'failed', detail };
  const ran = certificateIndex === 0 ? finalChecks : authorityChecks;
  const position = ran.findIndex(({ id }) => id === check);
  // The checks run on complete paths; those of a refused trust anchor are one.
  if (anchor === undefined || certificateIndex === path.length) return [refused];
  return [...ran.slice(0, position).map((passed) => outcome(passed, 'passed')), refused];
}

const outcome = ({ id, clause }: PathCheck, said: CheckOutcome['outcome']): CheckOutcome => ({
  id,
  clause,
  outcome: said,
});

const allPassed: readonly CheckOutcome[] = finalChecks.map((check) => outcome(check, 'passed'));
