import { PkiError } from '../pki-error.ts';
import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { Certificate } from '../x509/certificate.ts';
import { verifyCertificateSignature } from '../x509/certificate-signature.ts';
import { issuerKeyIdOf } from '../x509/issuer-key-id.ts';
import type { SubjectPublicKey } from '../x509/public-key.ts';
import type { SignatureOutcome } from '../x509/verify-signature.ts';

/** Verifies each pair of certificate and issuer key once, within the budget. */
export class SignatureMemory {
  private readonly policy: AlgorithmPolicy;
  private checksLeft: number;
  /** By certificate and key; many cross-certificates can carry one key. */
  private readonly outcomes = new Map<Certificate, Map<string, SignatureOutcome>>();

  constructor(policy: AlgorithmPolicy, checks: number) {
    this.policy = policy;
    this.checksLeft = checks;
  }

  /** Throws `certificate-path-too-complex` when the budget is spent. */
  verify(certificate: Certificate, key: SubjectPublicKey): SignatureOutcome {
    let known = this.outcomes.get(certificate);
    const keyId = issuerKeyIdOf(key);
    const outcome = known?.get(keyId);
    if (outcome !== undefined) return outcome;
    if (this.checksLeft-- <= 0) {
      throw new PkiError('certificate-path-too-complex', 'too many signatures to check');
    }
    const fresh = verifyCertificateSignature(certificate, key, this.policy);
    if (known === undefined) this.outcomes.set(certificate, (known = new Map()));
    known.set(keyId, fresh);
    return fresh;
  }
}
