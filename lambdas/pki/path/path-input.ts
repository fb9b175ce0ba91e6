import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { NameConstraints } from '../x509/name-constraints.ts';
import type { DistinguishedName } from '../x509/name.ts';
import type { SubjectPublicKey } from '../x509/public-key.ts';

/** Where trust starts: a certificate, or a bare name and key (RFC 5280 §6.1.1 (d)). */
export type PathAnchor =
  | { readonly certificate: Certificate }
  | { readonly name: DistinguishedName; readonly key: SubjectPublicKey };

/** The inputs of RFC 5280 §6.1.1, and what bounds the search for a path. */
export interface PathInput<Anchor extends PathAnchor = PathAnchor> {
  readonly leaf: Certificate;
  /** In any order; certificates that no path needs are ignored. */
  readonly intermediates?: readonly Certificate[];
  readonly anchors: readonly Anchor[];
  /** Milliseconds since 1970; fractions of a second do not count (RFC 5280 §4.1.2.5). */
  readonly time: number;
  readonly algorithms: AlgorithmPolicy;
  /** OIDs; anyPolicy unless told (§6.1.1 (c)). */
  readonly userInitialPolicySet?: readonly string[];
  readonly initialExplicitPolicy?: boolean;
  readonly initialPolicyMappingInhibit?: boolean;
  readonly initialAnyPolicyInhibit?: boolean;
  /** initial-permitted-subtrees and initial-excluded-subtrees (§6.1.1 (h), (i)). */
  readonly initialNameConstraints?: NameConstraints;
  /**
   * A key purpose that the leaf must allow, and every authority on the way that names purposes. A
   * certificate without the extension allows every purpose (§4.2.1.12).
   */
  readonly requiredEku?: string;
  /**
   * Also refuse certificates that break the rules of §4 for those who issue, where §6 does not ask
   * (identifiers of keys missing, criticality wrong). Off unless told.
   */
  readonly issuanceRules?: boolean;
  readonly budgets?: Partial<PathBudgets>;
}

export interface PathBudgets {
  /**
   * Certificates between leaf and trust anchor. A bound of work: self-issued certificates count, which
   * the path length of §6.1.4 (l) leaves out.
   */
  readonly intermediates: number;
  /** Complete paths that are examined. */
  readonly candidatePaths: number;
  /** Partial paths that are looked at on the way to them. */
  readonly steps: number;
  /** Names compared under constraints, and policies followed, on all candidate paths together. */
  readonly comparisons: number;
  /** Signatures that are verified. */
  readonly signatureChecks: number;
  /** Certificates that names lead to from the leaf. */
  readonly certificates: number;
  /** Of all that are offered. */
  readonly inputBytes: number;
}

export const anchorName = (anchor: PathAnchor): DistinguishedName =>
  'certificate' in anchor ? anchor.certificate.subject : anchor.name;

export const anchorKey = (anchor: PathAnchor): SubjectPublicKey =>
  'certificate' in anchor ? anchor.certificate : anchor.key;
