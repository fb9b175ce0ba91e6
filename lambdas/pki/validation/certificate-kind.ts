import type { PkiErrorCode } from '../pki-error.ts';
import { certificatePoliciesOf } from '../x509/certificate-policies.ts';
import type { Certificate } from '../x509/certificate.ts';
import {
  basicConstraintsOf,
  extendedKeyUsageOf,
  keyUsageBit,
  keyUsageOf,
} from '../x509/extensions.ts';

/** 利用者証明用 and 署名用. */
export type CertificateKind = 'user-authentication' | 'digital-signature';

/** Rules that identify a leaf of one kind. */
export interface CertificateKindRules {
  /** Policy OIDs, of which the leaf must assert at least one. */
  readonly policies: readonly string[];
  /** Named keyUsage bits that must all be set. */
  readonly keyUsage: readonly ('digitalSignature' | 'nonRepudiation')[];
  /** Key purpose that must be present; undefined: not required. */
  readonly extendedKeyUsage?: string;
}

export type KindRules = Readonly<Record<CertificateKind, CertificateKindRules>>;

/** The kind that the caller expects, or `any`. */
export type WantedKind = CertificateKind | 'any';

export type KindVerdict =
  | { readonly kind: CertificateKind }
  | {
      /** `certificate-kind-wrong`, or `certificate-policy-unacceptable` if it is of neither kind. */
      readonly code: PkiErrorCode;
      readonly check: 'certificate-kind';
      /** The rule that the certificate violates. */
      readonly rule: 'policy' | 'key-usage' | 'extended-key-usage' | 'end-entity' | 'anchor';
      /** The kind by its policies, if they identify one. */
      readonly kind?: CertificateKind;
    };

/**
 * Distinguishes user-authentication certificates from signature certificates by policy, trust anchor, key
 * usage and key purpose. A certificate of the other kind is refused with `certificate-kind-wrong`.
 * `anchorKind` is the kind that the path's trust anchor issues. Throws `DerError` for malformed extensions.
 */
export function decideKind(
  certificate: Certificate,
  anchorKind: CertificateKind | undefined,
  wanted: WantedKind,
  rules: KindRules,
): KindVerdict {
  const kind = kindByPolicy(certificate, rules);
  if (kind === undefined) return refusal('certificate-policy-unacceptable', 'policy');
  if (wanted !== 'any' && kind !== wanted) return refusal('certificate-kind-wrong', 'policy', kind);
  if (kind !== anchorKind) return refusal('certificate-kind-wrong', 'anchor', kind);
  if (basicConstraintsOf(certificate)?.isCa) {
    return refusal('certificate-kind-wrong', 'end-entity', kind);
  }
  if (!hasKeyUsage(certificate, rules[kind])) {
    return refusal('certificate-kind-wrong', 'key-usage', kind);
  }
  if (!hasKeyPurpose(certificate, rules[kind])) {
    return refusal('certificate-kind-wrong', 'extended-key-usage', kind);
  }
  return { kind };
}

const refusal = (
  code: PkiErrorCode,
  rule: Extract<KindVerdict, { code: PkiErrorCode }>['rule'],
  kind?: CertificateKind,
): KindVerdict => ({
  code,
  check: 'certificate-kind',
  rule,
  ...(kind === undefined ? {} : { kind }),
});

/** anyPolicy identifies no kind. A certificate that asserts policies of both kinds counts as neither. */
function kindByPolicy(certificate: Certificate, rules: KindRules): CertificateKind | undefined {
  const asserted = certificatePoliciesOf(certificate) ?? [];
  const names = (kind: CertificateKind): boolean =>
    rules[kind].policies.some((policy) => asserted.includes(policy));
  const authenticates = names('user-authentication');
  const signs = names('digital-signature');
  if (authenticates === signs) return undefined;
  return authenticates ? 'user-authentication' : 'digital-signature';
}

function hasKeyUsage(certificate: Certificate, { keyUsage }: CertificateKindRules): boolean {
  const bits = keyUsageOf(certificate) ?? 0;
  return keyUsage.every((name) => (bits >> keyUsageBit[name]) % 2 === 1);
}

/** anyExtendedKeyUsage is not sufficient. */
const hasKeyPurpose = (certificate: Certificate, rules: CertificateKindRules): boolean =>
  rules.extendedKeyUsage === undefined ||
  (extendedKeyUsageOf(certificate) ?? []).includes(rules.extendedKeyUsage);
