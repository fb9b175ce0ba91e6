import { PkiError } from '../pki-error.ts';

/**
 * What one search for a path may still spend on comparing names and on policies, over all of its
 * candidate paths: each of them passes the same certificates again.
 */
export class WorkLeft {
  private left: number;

  constructor(comparisons: number) {
    this.left = comparisons;
  }

  /** A policy moves sets and maps, some six times what comparing two names takes. */
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
