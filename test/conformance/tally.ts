import { type CaseReport, exitByVerdict } from '../../cli/verify-case.ts';

type Verdict = CaseReport['verdict'];

/** Of the fields that were not read, so many are named, the most frequent first. */
const namedFields = 10;

/** What came of many cases: for the last line on stderr, and for the exit code. */
export class Tally {
  cases = 0;
  private readonly verdicts = { valid: 0, invalid: 0, indeterminate: 0 };
  private asExpected = 0;
  private unexpected = 0;
  /** Verdicts of cases that do not say what they expect. */
  private readonly unasked = new Set<Verdict>();
  private readonly unread = new Map<string, number>();

  /** @param unread fields of the case that nothing read */
  add(verdict: Verdict, asExpected: boolean | undefined, unread: readonly string[] = []): void {
    this.cases++;
    for (const field of unread) this.unread.set(field, (this.unread.get(field) ?? 0) + 1);
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

  /** A field that is misspelt is among them; undefined where every field was read. */
  get unreadFields(): string | undefined {
    if (this.unread.size === 0) return undefined;
    const most = [...this.unread].sort(([, a], [, b]) => b - a).slice(0, namedFields);
    const rest = this.unread.size - most.length;
    const names = most.map(([field, cases]) => `${field} (${cases})`).join(', ');
    return `fields that were not read: ${names}${rest > 0 ? ` and ${rest} more` : ''}`;
  }

  /** 0 when every case is as expected, or valid where it says nothing. */
  get exitCode(): number {
    if (this.unexpected > 0 || this.unasked.has('invalid')) return exitByVerdict.invalid;
    return this.unasked.has('indeterminate') ? exitByVerdict.indeterminate : exitByVerdict.valid;
  }
}
