import { PkiError } from '../pki-error.ts';

/**
 * Remaining budget of one search for name comparisons and policy processing. All candidate paths share it,
 * because each of them processes the same certificates again.
 */
export class WorkLeft {
  private left: number;

  constructor(comparisons: number) {
    this.left = comparisons;
  }

  /** Processing a policy costs about six name comparisons. */
  spendOnPolicies(policies: number): void {
    this.spend(6 * policies);
  }

  /** Throws `certificate-path-too-complex` when nothing is left. */
  spend(comparisons: number): void {
    this.left -= comparisons;
    if (this.left < 0) {
      throw new PkiError('certificate-path-too-complex', 'too many comparisons');
    }
  }
}
