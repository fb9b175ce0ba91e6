import type { CaseReport } from './verify-case.ts';

type Verdict = CaseReport['verdict'];

export const exitByVerdict = { valid: 0, invalid: 1, indeterminate: 2 } as const;

/** What came of many cases: for the last line on stderr, and for the exit code. */
export class Tally {
  cases = 0;
  private readonly verdicts = { valid: 0, invalid: 0, indeterminate: 0 };
  private asExpected = 0;
  private unexpected = 0;
  /** Verdicts of cases that do not say what they expect. */
  private readonly unasked = new Set<Verdict>();

  add(verdict: Verdict, asExpected: boolean | undefined): void {
    this.cases++;
    this.verdicts[verdict]++;
    if (asExpected === undefined) this.unasked.add(verdict);
    else if (asExpected) this.asExpected++;
    else this.unexpected++;
  }

  get summary(): string {
    const { valid, invalid, indeterminate } = this.verdicts;
    const verdicts = `${valid} valid, ${invalid} invalid, ${indeterminate} indeterminate`;
    const saidNothing = this.asExpected + this.unexpected === 0;
    const expectations = saidNothing
      ? ''
      : `; ${this.asExpected} as expected, ${this.unexpected} not`;
    return `${this.cases} cases: ${verdicts}${expectations}`;
  }

  /** 0 when every case is as expected, or valid where it says nothing. */
  get exitCode(): number {
    if (this.unexpected > 0 || this.unasked.has('invalid')) return exitByVerdict.invalid;
    return this.unasked.has('indeterminate') ? exitByVerdict.indeterminate : exitByVerdict.valid;
  }
}
