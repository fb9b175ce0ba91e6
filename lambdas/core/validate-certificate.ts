import type { OcspClient } from './revocation/ocsp-client.ts';
import type { RevocationMethod } from './revocation/revocation-status.ts';
import type { StoredLists } from './revocation/stored-lists.ts';
import type { CertificateKind, TrustProfile } from './trust-profile.ts';
import type { ValidationReport } from './validation-report.ts';
import type { Certificate } from './x509/certificate.ts';

export type { ValidationReport } from './validation-report.ts';

export interface ValidationRequest {
  /** The leaf, DER. */
  readonly certificate: Uint8Array;
  /** DER, each; candidates for the path, trusted for nothing. */
  readonly intermediates?: readonly Uint8Array[];
  /** What the caller expects; a certificate of another kind is `certificate-kind-wrong`. */
  readonly kind: CertificateKind | 'any';
  readonly method: RevocationMethod;
  /**
   * Asked once, after path and kind have passed and before any revocation source is: did this leaf's
   * key sign the challenge? False ends in `challenge-signature-invalid` (check `challenge-signature`),
   * so that nobody learns a status without holding the card. Undefined: possession is not asked.
   */
  readonly possession?: ((leaf: Certificate) => boolean) | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface ValidationWorld {
  readonly profile: TrustProfile;
  readonly ocsp: OcspClient;
  readonly lists: StoredLists;
  /** Milliseconds since the request began, monotonic; the budget of `auto` is measured by it. */
  readonly elapsedMs: () => number;
}

/** The shape of `validateCertificate`. It never throws for a certificate's or a source's fault. */
export type ValidateCertificate = (
  request: ValidationRequest,
  world: ValidationWorld,
) => Promise<ValidationReport>;
