import type { AlgorithmPolicy } from './algorithm-policy.ts';
import type { OcspResponder } from './ocsp/responder.ts';
import type { CertificateKind, CertificateKindRules } from './validation/certificate-kind.ts';
import type { Certificate } from './x509/certificate.ts';

/**
 * What a deployment trusts and where it asks. One profile a deployment: production, test and sandbox
 * trust never mix. The JSON form (docs/data-model.md) is inlined into every bundle at synth, so that
 * trust changes only by a deployment.
 */
export interface TrustProfile {
  readonly name: 'sandbox' | 'jpki-test' | 'jpki-production';
  readonly anchors: readonly TrustAnchor[];
  readonly kinds: Readonly<Record<CertificateKind, CertificateKindRules>>;
  readonly algorithms: AlgorithmPolicy;
  /** Our clock against theirs, in milliseconds; applied to thisUpdate and producedAt only. */
  readonly clockSkewMs: number;
  /** A list or response older than this proves nothing, whatever its nextUpdate says; milliseconds. */
  readonly crlMaxAgeMs: number;
  readonly ocspMaxAgeMs: number;
  readonly ocspResponders: readonly OcspResponder[];
  readonly crlSources: readonly CrlSource[];
  /** Base URL of the J-LIS linkage service. */
  readonly linkageUrl: string;
  /** Roots of the card-verifiable certificates that vouch for chips; without them no chip is enrolled. */
  readonly chipRoots?: readonly ChipRootKey[];
}

/** A root that is not on the card. */
export interface ChipRootKey {
  /** As a card-verifiable certificate names its issuer. */
  readonly keyId: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
}

export type { CertificateKind, CertificateKindRules };

export interface TrustAnchor {
  /** Stable name for people and for the bulk API, e.g. `user-authentication-2023`. */
  readonly id: string;
  readonly kind: CertificateKind;
  readonly certificate: Certificate;
}

export type { OcspResponder } from './ocsp/responder.ts';

export interface CrlSource {
  /** Stable name, e.g. `user-authentication-2023/full` or `user-authentication-2023/131016`. */
  readonly id: string;
  readonly anchorId: string;
  /** http:, https:, ldap: or s3: — the only places that a list is fetched from. */
  readonly url: string;
  /** DER of the DistributionPointName (the IDP's fullName GeneralNames) that this list must carry; none for a full list. */
  readonly distributionPoint?: Uint8Array;
}
