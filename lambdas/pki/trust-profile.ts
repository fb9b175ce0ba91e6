import type { AlgorithmPolicy } from './algorithm-policy.ts';
import type { OcspResponder } from './ocsp/responder.ts';
import type { CertificateKind, CertificateKindRules } from './validation/certificate-kind.ts';
import type { Certificate } from './x509/certificate.ts';

/**
 * Trust anchors, rules and revocation sources of a deployment. Each deployment has exactly one profile, so
 * that production, test and sandbox trust are separate. Its JSON form (docs/data-model.md) is inlined into
 * every bundle at synth; only a deployment can change trust.
 */
export interface TrustProfile {
  readonly name: 'sandbox' | 'jpki-test' | 'jpki-production';
  readonly anchors: readonly TrustAnchor[];
  readonly kinds: Readonly<Record<CertificateKind, CertificateKindRules>>;
  readonly algorithms: AlgorithmPolicy;
  /** Tolerated difference of clocks in milliseconds; applied to thisUpdate and producedAt only. */
  readonly clockSkewMs: number;
  /** A CRL whose thisUpdate is older than this is stale, even before its nextUpdate; milliseconds. */
  readonly crlMaxAgeMs: number;
  /** The same for an OCSP response. */
  readonly ocspMaxAgeMs: number;
  readonly ocspResponders: readonly OcspResponder[];
  readonly crlSources: readonly CrlSource[];
  /** Base URL of the J-LIS linkage service. */
  readonly linkageUrl: string;
  /** Root keys of the card-verifiable certificates of chips; without them no chip can be enrolled. */
  readonly chipRoots?: readonly ChipRootKey[];
}

/** A root key for card-verifiable certificates, which the card itself does not carry. */
export interface ChipRootKey {
  /** Issuer key identifier in the card-verifiable certificate. */
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
  /** http:, https:, ldap: or s3:. CRLs are downloaded from these URLs only. */
  readonly url: string;
  /** DER of the DistributionPointName that the CRL's IDP must have; undefined for a full CRL. */
  readonly distributionPoint?: Uint8Array;
}
