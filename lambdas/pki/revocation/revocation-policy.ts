import type { AlgorithmPolicy } from '../algorithm-policy.ts';

/** Conditions that CRLs and OCSP responses must meet to prove a status. Times in milliseconds. */
export interface RevocationPolicy {
  readonly algorithms: AlgorithmPolicy;
  /** Tolerated difference of clocks; applied to thisUpdate and producedAt only. */
  readonly clockSkewMs: number;
  /** A CRL whose thisUpdate is older than this is stale, even before its nextUpdate. */
  readonly crlMaxAgeMs: number;
  /** The same for an OCSP response. */
  readonly ocspMaxAgeMs: number;
  /** Also refuse CRLs that violate the requirements of RFC 5280 §5 on CRL issuers. Default: off. */
  readonly issuanceRules?: boolean;
  /**
   * Whether to accept a delegated responder that has no ocsp-nocheck and whose status no CRL proves
   * (RFC 6960 §4.2.2.2.1). Default: refuse.
   */
  readonly uncheckedResponder?: 'refuse' | 'accept';
  readonly budget?: RevocationBudget;
}

/** Milliseconds. */
export interface RevocationBudget {
  /** For the whole question. */
  readonly totalMs: number;
  /** Part of `totalMs` that is reserved for CRLs under `auto`. */
  readonly listsMs: number;
  /** For one responder, including the retry. */
  readonly responderMs: number;
}
