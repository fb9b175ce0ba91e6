/**
 * The one catalogue of stable codes. A code names what a caller can act on and never changes its
 * meaning; `lambdas/platform/http/problems.ts` gives each its HTTP status and title, `docs/problems.md` its cure.
 */
export const errorCodes = [
  // the request itself
  'request-invalid',
  'request-too-large',
  'media-type-unsupported',
  'route-not-found',
  'method-not-allowed',
  'idempotency-key-reused',
  'request-in-progress',
  'too-many-requests',
  // OAuth 2.0 (RFC 6749 §5.2 names are given beside the code in token responses)
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
  'organisation-not-found',
  'jwks-invalid',
  // challenges
  'challenge-not-found',
  'challenge-expired',
  'challenge-used',
  // certificates: parsing, path, kind
  'certificate-malformed',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-issuer-untrusted',
  'certificate-signature-invalid',
  'certificate-path-invalid',
  'certificate-path-too-complex',
  'certificate-policy-unacceptable',
  'certificate-algorithm-unacceptable',
  'certificate-key-weak',
  'certificate-kind-wrong',
  'certificate-revoked',
  'challenge-signature-invalid',
  // revocation sources
  'revocation-unknown',
  'revocation-method-not-permitted',
  'crl-malformed',
  'crl-signature-invalid',
  'crl-issuer-untrusted',
  'crl-not-yet-valid',
  'crl-expired',
  'crl-number-backwards',
  'crl-scope-wrong',
  'crl-extension-unsupported',
  'crl-too-large',
  'crl-download-failed',
  'crl-base-missing',
  'ocsp-malformed',
  'ocsp-unavailable',
  'ocsp-responder-untrusted',
  'ocsp-signature-invalid',
  'ocsp-response-stale',
  'ocsp-nonce-mismatch',
  // identity
  'linkage-unavailable',
  'subject-suspended',
  'ppid-not-found',
  // bulk jobs
  'job-not-found',
  'job-expired',
  'job-state-invalid',
  'issuer-unknown',
  'serial-malformed',
  'serial-duplicate',
  // ours to mend
  'internal-error',
  'dependency-unavailable',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** An error with a stable code. `message` is for people and carries no personal data. */
export class MyKeyError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MyKeyError';
    this.code = code;
  }
}
