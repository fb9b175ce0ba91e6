import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { Certificate } from './certificate.ts';
import { type KeyShape, keyRefusal, shapeOf } from './public-key.ts';
import type { SignatureScheme } from './signature-scheme.ts';
import { type SignatureOutcome, verifyUnderScheme } from './verify-signature.ts';

/**
 * Verifies a signature over a challenge with the certificate's key. Each key type has exactly one scheme,
 * so that a caller cannot choose a weaker one. `challenge` is the message before hashing; an ECDSA
 * signature is DER.
 */
export function verifyChallengeSignature(
  certificate: Certificate,
  challenge: Uint8Array,
  signature: Uint8Array,
  policy: AlgorithmPolicy,
): SignatureOutcome {
  const shape = shapeOf(certificate);
  const refusal = keyRefusal(shape, policy);
  if (refusal !== undefined) return refusal;
  const scheme = shape && pinnedScheme(shape);
  if (scheme === undefined) return 'certificate-algorithm-unacceptable';
  return verifyUnderScheme(scheme, { data: challenge, signature }, certificate, false)
    ? 'ok'
    : 'challenge-signature-invalid';
}

/** The only accepted scheme for a key of this shape; undefined if there is none. */
export function pinnedScheme(shape: KeyShape): SignatureScheme | undefined {
  if (shape.type === 'rsa') return { family: 'rsa-pkcs1', hash: 'SHA-256' };
  if (shape.type !== 'ec') return undefined;
  if (shape.curve === 'P-256') return { family: 'ecdsa', hash: 'SHA-256' };
  if (shape.curve === 'P-384') return { family: 'ecdsa', hash: 'SHA-384' };
  return undefined;
}
