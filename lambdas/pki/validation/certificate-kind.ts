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

/** How a leaf of this kind is told apart. */
export interface CertificateKindRules {
  /** One of these must be asserted. */
  readonly policies: readonly string[];
  /** Named keyUsage bits that must all be set. */
  readonly keyUsage: readonly ('digitalSignature' | 'nonRepudiation')[];
  /** EKU that must be present; none when undefined. */
  readonly extendedKeyUsage?: string;
}

export type KindRules = Readonly<Record<CertificateKind, CertificateKindRules>>;

/** What is asked for: one kind, or whichever kind it is. */
export type WantedKind = CertificateKind | 'any';

export type KindVerdict =
  | { readonly kind: CertificateKind }
  | {
      /** `certificate-kind-wrong`, or `certificate-policy-unacceptable` where it is neither kind. */
      readonly code: PkiErrorCode;
      readonly check: 'certificate-kind';
      /** The rule that it does not keep. */
      readonly rule: 'policy' | 'key-usage' | 'extended-key-usage' | 'end-entity' | 'anchor';
      /** The kind that its policies say, where they say one. */
      readonly kind?: CertificateKind;
    };

/**
 * Tells a user-authentication certificate from a signature certificate: by the policy it
 * asserts, the authority that issued it, its key usage and key purpose. A signature certificate that
 * is offered as a login is refused with its own code, and the reverse. `anchorKind` is the kind that
 * the path's trust anchor issues. Throws `DerError` for malformed extensions.
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

/** anyPolicy names no kind. A certificate that asserts both kinds is taken as neither. */
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

/** The purpose itself; anyExtendedKeyUsage does not stand for it. */
const hasKeyPurpose = (certificate: Certificate, rules: CertificateKindRules): boolean =>
  rules.extendedKeyUsage === undefined ||
  (extendedKeyUsageOf(certificate) ?? []).includes(rules.extendedKeyUsage);
