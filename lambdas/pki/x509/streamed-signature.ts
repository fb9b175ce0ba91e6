import { createVerify, type Verify } from 'node:crypto';
import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { AlgorithmIdentifier } from './algorithm-identifier.ts';
import { keyRefusal, shapeOf, type SubjectPublicKey } from './public-key.ts';
import { signatureSchemeOf, type StreamedScheme } from './signature-scheme.ts';
import {
  conclude,
  digestNames,
  importForScheme,
  isWellFormed,
  schemeFitsKey,
  schemeRefusal,
  type SignatureOutcome,
} from './verify-signature.ts';

/**
 * `verifySignature` for streamed data: opened with the algorithm, updated with the data, and verified at
 * the end with the key. Ed25519 needs the message twice and is therefore not supported.
 */
export interface StreamedSignature {
  update(bytes: Uint8Array): void;
  /** Call once, after the last `update`. */
  verify(signature: Uint8Array, key: SubjectPublicKey): SignatureOutcome;
}

/** Returns the error code if the algorithm is not acceptable or cannot be streamed. */
export function openSignature(
  algorithm: AlgorithmIdentifier,
  policy: AlgorithmPolicy,
): StreamedSignature | 'certificate-algorithm-unacceptable' {
  const scheme = signatureSchemeOf(algorithm);
  if (scheme === undefined || scheme.family === 'ed25519' || schemeRefusal(scheme, policy)) {
    return 'certificate-algorithm-unacceptable';
  }
  const verifier = createVerify(digestNames[scheme.hash]);
  return {
    update: (bytes) => void verifier.update(bytes),
    verify: (signature, key) => outcomeOf(scheme, verifier, signature, key, policy),
  };
}

function outcomeOf(
  scheme: StreamedScheme,
  verifier: Verify,
  signature: Uint8Array,
  key: SubjectPublicKey,
  policy: AlgorithmPolicy,
): SignatureOutcome {
  const shape = shapeOf(key);
  const refusal = keyRefusal(shape, policy);
  if (refusal !== undefined) return refusal;
  const fits = shape && schemeFitsKey(scheme, shape, key) && isWellFormed(scheme, shape, signature);
  const imported = fits ? importForScheme(scheme, key) : undefined;
  if (imported === undefined) return 'certificate-signature-invalid';
  try {
    const holds = conclude(verifier, scheme, imported, signature);
    return holds ? 'ok' : 'certificate-signature-invalid';
  } catch {
    // OpenSSL throws for some malformed points and parameters: no valid signature either way.
    return 'certificate-signature-invalid';
  }
}
