/** What signatures and keys are acceptable; an input, so that old suites can still be run. */
export interface AlgorithmPolicy {
  readonly minimumRsaBits: number;
  /** DSA is refused where this is undefined; it stands for old suites only. */
  readonly minimumDsaBits?: number;
  readonly curves: readonly ('P-256' | 'P-384' | 'P-521' | 'Ed25519')[];
  readonly hashes: readonly ('MD5' | 'SHA-1' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512')[];
}
