/**
 * Every error code of the engine. The meaning of a code never changes.
 */
export const pkiErrorCodes = [
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
  'revocation-unknown',
  'revocation-method-not-permitted',
  'crl-malformed',
  'crl-signature-invalid',
  'crl-issuer-untrusted',
  'crl-not-yet-valid',
  'crl-stale',
  'crl-scope-wrong',
  'crl-extension-unsupported',
  'crl-too-large',
  'ocsp-malformed',
  'internal-error',
] as const;

export type PkiErrorCode = (typeof pkiErrorCodes)[number];

/** An error with a stable code. `message` is for people and contains no personal data. */
export class PkiError extends Error {
  readonly code: PkiErrorCode;

  constructor(code: PkiErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PkiError';
    this.code = code;
  }
}
