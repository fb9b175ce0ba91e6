import type { ErrorCode } from '../../errors.ts';

/** What a request can be refused for in which a card signs a challenge and its holder is looked up. */
export const signedChallengeProblems = [
  'challenge-not-found',
  'challenge-expired',
  'challenge-used',
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
  'challenge-signature-invalid',
  'certificate-revoked',
  'revocation-unknown',
  'linkage-unavailable',
] as const satisfies readonly ErrorCode[];
