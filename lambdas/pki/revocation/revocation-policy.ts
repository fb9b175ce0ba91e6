import type { AlgorithmPolicy } from '../algorithm-policy.ts';

/** What revocation sources must satisfy to prove anything. Times in milliseconds. */
export interface RevocationPolicy {
  readonly algorithms: AlgorithmPolicy;
  /** Our clock against theirs; applied to thisUpdate and producedAt only. */
  readonly clockSkewMs: number;
  /** A list or response older than this proves nothing, whatever its nextUpdate says. */
  readonly crlMaxAgeMs: number;
  readonly ocspMaxAgeMs: number;
  /** Also refuse lists that break the rules of RFC 5280 §5 for those who issue. Off unless told. */
  readonly issuanceRules?: boolean;
  /**
   * A delegated responder without ocsp-nocheck whose own status no list tells (RFC 6960 §4.2.2.2.1):
   * refused unless told.
   */
  readonly uncheckedResponder?: 'refuse' | 'accept';
  readonly budget?: RevocationBudget;
}

/** Milliseconds. */
export interface RevocationBudget {
  /** For the whole question. */
  readonly totalMs: number;
  /** Of it, kept for the lists under `auto`. */
  readonly listsMs: number;
  /** For one responder, its retry included. */
  readonly responderMs: number;
}
