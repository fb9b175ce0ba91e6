import { PkiError, pkiErrorCodes } from './pki/pki-error.ts';

/**
 * The catalogue of stable error codes. A code identifies a condition that a caller can act on and
 * never changes its meaning. `lambdas/platform/http/problems.ts` assigns each code its HTTP status
 * and title; `docs/problems.md` explains its cure.
 */
export const errorCodes = [
  // requests
  'request-invalid',
  'request-too-large',
  'headers-too-large',
  'media-type-unsupported',
  'route-not-found',
  'method-not-allowed',
  'idempotency-key-reused',
  'request-in-progress',
  'too-many-requests',
  'quota-exceeded',
  'request-blocked',
  // OAuth 2.0 (token error responses also carry the error code of RFC 6749 §5.2)
  'client-authentication-failed',
  'grant-type-unsupported',
  'scope-unknown',
  'token-missing',
  'token-invalid',
  'token-expired',
  'token-audience-wrong',
  'scope-insufficient',
  // services and clients
  'service-not-found',
  'service-not-active',
  'service-exists',
  'service-transition-invalid',
  'service-pledge-missing',
  'service-form-wrong',
  'organisation-not-found',
  'organisation-exists',
  'client-keys-used-up',
  'client-key-taken',
  'jwks-invalid',
  // challenges
  'challenge-not-found',
  'challenge-expired',
  'challenge-used',
  // certificates, CRLs, OCSP: codes of the PKI engine
  ...pkiErrorCodes,
  // CRL ingestion
  'crl-number-backwards',
  'crl-download-failed',
  'crl-base-missing',
  // identity
  'linkage-unavailable',
  'subject-suspended',
  'ppid-not-found',
  'link-not-found',
  'user-number-taken',
  'person-already-linked',
  'user-number-not-awaited',
  'identity-act-impossible',
  'consent-not-found',
  'consents-full',
  'my-key-id-not-found',
  'my-key-id-taken',
  'person-not-known',
  'rights-act-impossible',
  'rights-request-not-found',
  'second-operator-needed',
  'flag-not-found',
  'handle-invalid',
  'act-not-found',
  // events
  'cursor-too-old',
  'webhook-not-found',
  'webhook-url-refused',
  // the counter
  'reading-session-not-found',
  'reading-session-expired',
  'ticket-invalid',
  'ticket-used',
  'agent-outdated',
  'assurance-insufficient',
  'hold-not-permitted',
  'encryption-key-missing',
  'attributes-invalid',
  'handover-used',
  'terminal-not-paired',
  'terminal-not-found',
  'terminals-used-up',
  'pairing-code-invalid',
  'enrolment-required',
  'pinless-unsupported',
  'chip-unknown',
  'chip-taken',
  'chip-proof-invalid',
  'chip-record-invalid',
  'chip-certificate-invalid',
  'chip-root-unknown',
  // bulk jobs
  'job-not-found',
  'job-expired',
  'job-state-invalid',
  'job-quota-exceeded',
  'issuer-unknown',
  'serial-malformed',
  'serial-rounded',
  'serials-ambiguous',
  // internal errors
  'dependency-unavailable',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** True for an error that carries a stable code: `MyKeyError` or the engine's `PkiError`. */
export const isCodedError = (error: unknown): error is MyKeyError | PkiError =>
  error instanceof MyKeyError || error instanceof PkiError;

/** An error with a stable code. `message` is meant for people and contains no personal data. */
export class MyKeyError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MyKeyError';
    this.code = code;
  }
}

/** The quotas that a 429 response can name. */
export const quotaNames = [
  'requests-per-second',
  'client-requests-per-day',
  'service-identifiers-per-day',
  'service-holds-per-day',
  'active-jobs',
  'kept-jobs',
  'stored-bytes',
] as const;

export type QuotaName = (typeof quotaNames)[number];

/** The caller exhausted its own quota; other callers are not affected. */
export class QuotaExceeded extends MyKeyError {
  readonly quota: QuotaName;
  readonly retryAfterSeconds: number;

  constructor(
    code: 'quota-exceeded' | 'job-quota-exceeded',
    message: string,
    quota: QuotaName,
    retryAfterSeconds: number,
  ) {
    super(code, message);
    this.name = 'QuotaExceeded';
    this.quota = quota;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
