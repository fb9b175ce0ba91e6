/** CRLReason (RFC 5280 §5.3.1) by its standard name. */
export const revocationReasons = {
  0: 'unspecified',
  1: 'keyCompromise',
  2: 'cACompromise',
  3: 'affiliationChanged',
  4: 'superseded',
  5: 'cessationOfOperation',
  6: 'certificateHold',
  8: 'removeFromCRL',
  9: 'privilegeWithdrawn',
  10: 'aACompromise',
} as const;

export type RevocationReason = (typeof revocationReasons)[keyof typeof revocationReasons];

/** Method that the caller requests (`auto`: OCSP, then CRL). */
export type RevocationMethod = 'ocsp' | 'crl' | 'auto';

/** The CRL or OCSP response that proves a status. Times in ms since 1970. */
export interface RevocationEvidence {
  readonly method: 'ocsp' | 'crl';
  /** Responder URL or CRL source id; never data from the caller. */
  readonly source: string;
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  /** OCSP only. */
  readonly producedAt?: number;
  /** CRL only: CRLNumber in decimal. */
  readonly crlNumber?: string;
}

/**
 * `good` and `revoked` carry their evidence. `unknown` is a separate answer with its reason and is never
 * treated as one of the others.
 */
export type RevocationStatus =
  | { readonly status: 'good'; readonly evidence: RevocationEvidence }
  | {
      readonly status: 'revoked';
      /** Milliseconds since 1970. */
      readonly revokedAt: number;
      readonly reason: RevocationReason;
      readonly evidence: RevocationEvidence;
    }
  | {
      readonly status: 'unknown';
      readonly why: UnknownReason;
      /** The response or CRL that gave no proof, when there was one. */
      readonly evidence?: RevocationEvidence;
      /** OCSPResponseStatus by name, with `ocsp-error-status`. */
      readonly responseStatus?: string;
      /**
       * Latest thisUpdate of a "revoked" or "unknown" that an authorised responder signed, in a response
       * refused for its age, nonce or extensions. CRLs that are not newer prove revoked, not good.
       */
      readonly negativeThisUpdate?: number;
    };

/** Reason for `unknown`; each is a row of docs/decision-table.md. */
export type UnknownReason =
  | 'no-applicable-crl'
  | 'crl-incomplete-reasons'
  | 'crl-stale'
  | 'crl-not-yet-valid'
  | 'crl-signature-invalid'
  | 'crl-issuer-untrusted'
  | 'crl-unsupported'
  | 'crl-store-unavailable'
  | 'no-ocsp-responder'
  | 'ocsp-unreachable'
  | 'ocsp-timeout'
  | 'ocsp-recently-failed'
  | 'ocsp-malformed'
  | 'ocsp-error-status'
  | 'ocsp-responder-untrusted'
  | 'ocsp-signature-invalid'
  | 'ocsp-no-matching-response'
  | 'ocsp-nonce-mismatch'
  | 'ocsp-stale'
  | 'ocsp-not-yet-valid'
  | 'ocsp-unsupported-critical-extension'
  | 'ocsp-status-unknown'
  | 'time-budget-spent';

/** One source that was tried; the report lists all attempts in order. */
export interface RevocationAttempt {
  readonly method: 'ocsp' | 'crl';
  readonly source: string;
  readonly outcome: 'good' | 'revoked' | UnknownReason;
  readonly evidence?: RevocationEvidence;
  /** OCSPResponseStatus by name, with `ocsp-error-status`. */
  readonly responseStatus?: string;
  /** Milliseconds. */
  readonly durationMs?: number;
}
