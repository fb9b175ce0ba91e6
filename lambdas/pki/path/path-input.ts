import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { NameConstraints } from '../x509/name-constraints.ts';
import type { DistinguishedName } from '../x509/name.ts';
import type { SubjectPublicKey } from '../x509/public-key.ts';

/** A trust anchor: a certificate, or a bare name and key (RFC 5280 §6.1.1 (d)). */
export type PathAnchor =
  | { readonly certificate: Certificate }
  | { readonly name: DistinguishedName; readonly key: SubjectPublicKey };

/** The inputs of RFC 5280 §6.1.1, and bounds for the search. */
export interface PathInput<Anchor extends PathAnchor = PathAnchor> {
  readonly leaf: Certificate;
  /** Candidates for the path, in any order; unrelated certificates are ignored. */
  readonly intermediates?: readonly Certificate[];
  readonly anchors: readonly Anchor[];
  /** Milliseconds since 1970, rounded down to seconds (RFC 5280 §4.1.2.5). */
  readonly time: number;
  readonly algorithms: AlgorithmPolicy;
  /** OIDs. Default: anyPolicy (§6.1.1 (c)). */
  readonly userInitialPolicySet?: readonly string[];
  readonly initialExplicitPolicy?: boolean;
  readonly initialPolicyMappingInhibit?: boolean;
  readonly initialAnyPolicyInhibit?: boolean;
  /** initial-permitted-subtrees and initial-excluded-subtrees (§6.1.1 (h), (i)). */
  readonly initialNameConstraints?: NameConstraints;
  /**
   * A key purpose that the leaf and every intermediate certificate must allow. A certificate without
   * extendedKeyUsage allows every purpose (§4.2.1.12).
   */
  readonly requiredEku?: string;
  /**
   * Also refuse certificates that violate requirements of §4 on CAs which §6 does not check, e.g. a missing
   * key identifier or wrong criticality. Default: off.
   */
  readonly issuanceRules?: boolean;
  readonly budgets?: Partial<PathBudgets>;
}

export interface PathBudgets {
  /**
   * Certificates between leaf and trust anchor. Unlike the path length of §6.1.4 (l), it counts self-issued
   * certificates.
   */
  readonly intermediates: number;
  /** Complete paths that are validated. */
  readonly candidatePaths: number;
  /** Partial paths that the search extends. */
  readonly steps: number;
  /** Comparisons for name constraints and policies, over all candidate paths together. */
  readonly comparisons: number;
  /** Signature verifications. */
  readonly signatureChecks: number;
  /** Intermediates that can be reached from the leaf by issuer names. */
  readonly certificates: number;
  /** Octets of all certificates in the input. */
  readonly inputBytes: number;
}

export const anchorName = (anchor: PathAnchor): DistinguishedName =>
  'certificate' in anchor ? anchor.certificate.subject : anchor.name;

export const anchorKey = (anchor: PathAnchor): SubjectPublicKey =>
  'certificate' in anchor ? anchor.certificate : anchor.key;
