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
}

/** 利用者証明用 and 署名用. */
export type CertificateKind = 'user-authentication' | 'digital-signature';

export interface TrustAnchor {
  /** Stable name for people and for the bulk API, e.g. `user-authentication-2023`. */
  readonly id: string;
  readonly kind: CertificateKind;
  readonly certificate: Certificate;
}

/** How a leaf of this kind is told apart (domain §3). */
export interface CertificateKindRules {
  /** One of these must be asserted. */
  readonly policies: readonly string[];
  /** Named keyUsage bits that must all be set. */
  readonly keyUsage: readonly ('digitalSignature' | 'nonRepudiation')[];
  /** EKU that must be present; none when undefined. */
  readonly extendedKeyUsage?: string;
}

/** What signatures and keys are acceptable; an input, so that old suites can still be run. */
export interface AlgorithmPolicy {
  readonly minimumRsaBits: number;
  readonly curves: readonly ('P-256' | 'P-384' | 'P-521' | 'Ed25519')[];
  readonly hashes: readonly ('MD5' | 'SHA-1' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512')[];
}

export interface OcspResponder {
  readonly anchorId: string;
  readonly url: string;
}

export interface CrlSource {
  /** Stable name, e.g. `user-authentication-2023/full` or `user-authentication-2023/131016`. */
  readonly id: string;
  readonly anchorId: string;
  /** http:, https:, ldap: or s3: — the only places that a list is fetched from. */
  readonly url: string;
  /** DER of the DistributionPointName (the IDP's fullName GeneralNames) that this list must carry; none for a full list. */
  readonly distributionPoint?: Uint8Array;
}
