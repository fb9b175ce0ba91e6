/** Acceptable algorithms and key sizes. An input, so that test suites with old algorithms can run. */
export interface AlgorithmPolicy {
  readonly minimumRsaBits: number;
  /** Undefined: DSA is refused. Set only for test suites with DSA keys. */
  readonly minimumDsaBits?: number;
  readonly curves: readonly ('P-256' | 'P-384' | 'P-521' | 'Ed25519')[];
  readonly hashes: readonly ('MD5' | 'SHA-1' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512')[];
}
