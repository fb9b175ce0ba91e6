import type { ErrorCode } from '../lambdas/errors.ts';
import type { AlgorithmPolicy } from '../lambdas/pki/algorithm-policy.ts';
import { parseAlgorithmIdentifier } from '../lambdas/pki/x509/algorithm-identifier.ts';
import { DerError } from '../lambdas/pki/x509/der.ts';
import { parseSubjectPublicKey } from '../lambdas/pki/x509/public-key.ts';
import { verifySignature } from '../lambdas/pki/x509/verify-signature.ts';

/** A signature over data, without a certificate. */
export interface SignedMessage {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** AlgorithmIdentifier, DER, as in a certificate. */
  readonly signatureAlgorithm: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

export interface SignatureReport {
  readonly verdict: 'valid' | 'invalid';
  readonly code?: ErrorCode;
}

/**
 * The same check as for certificates, CRLs and responses: algorithm and key against the policy,
 * then the signature.
 */
export function verifySigned(signed: SignedMessage, policy: AlgorithmPolicy): SignatureReport {
  try {
    const outcome = verifySignature(
      {
        algorithm: parseAlgorithmIdentifier(signed.signatureAlgorithm),
        data: signed.message,
        signature: signed.signature,
      },
      parseSubjectPublicKey(signed.publicKey),
      policy,
    );
    return outcome === 'ok' ? { verdict: 'valid' } : { verdict: 'invalid', code: outcome };
  } catch (error) {
    if (error instanceof DerError) return { verdict: 'invalid', code: error.code };
    throw error;
  }
}
