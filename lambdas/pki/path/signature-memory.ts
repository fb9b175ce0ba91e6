import { PkiError } from '../pki-error.ts';
import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { Certificate } from '../x509/certificate.ts';
import { verifyCertificateSignature } from '../x509/certificate-signature.ts';
import { issuerKeyIdOf } from '../x509/issuer-key-id.ts';
import type { SubjectPublicKey } from '../x509/public-key.ts';
import type { SignatureOutcome } from '../x509/verify-signature.ts';

interface Verified {
  readonly certificate: Certificate;
  readonly keyId: string;
  readonly outcome: SignatureOutcome;
}

/** Verifies each pair of certificate and issuer key once, within the budget. */
export class SignatureMemory {
  private readonly policy: AlgorithmPolicy;
  private checksLeft: number;
  /** By certificate and key; many cross-certificates can carry one key. Without the last one. */
  private readonly outcomes = new Map<Certificate, Map<string, SignatureOutcome>>();
  /** The pair verified last: most paths have only this one, and need no map. */
  private last: Verified | undefined;

  constructor(policy: AlgorithmPolicy, checks: number) {
    this.policy = policy;
    this.checksLeft = checks;
  }

  /** Throws `certificate-path-too-complex` when the budget is spent. */
  verify(certificate: Certificate, key: SubjectPublicKey): SignatureOutcome {
    const keyId = issuerKeyIdOf(key);
    const { last } = this;
    if (last?.certificate === certificate && last.keyId === keyId) return last.outcome;
    const known = this.outcomes.get(certificate)?.get(keyId);
    if (known !== undefined) return known;
    if (this.checksLeft-- <= 0) {
      throw new PkiError('certificate-path-too-complex', 'too many signatures to check');
    }
    const outcome = verifyCertificateSignature(certificate, key, this.policy);
    if (last !== undefined) this.keep(last);
    this.last = { certificate, keyId, outcome };
    return outcome;
  }

  private keep({ certificate, keyId, outcome }: Verified): void {
    const known = this.outcomes.get(certificate);
    if (known === undefined) this.outcomes.set(certificate, new Map([[keyId, outcome]]));
    else known.set(keyId, outcome);
  }
}
