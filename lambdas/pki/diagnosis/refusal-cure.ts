import type { PkiErrorCode } from '../pki-error.ts';
import type { CertificateKind, KindVerdict, WantedKind } from '../validation/certificate-kind.ts';
import type { ValidationReport } from '../validation/validation-report.ts';
import type { Certificate } from '../x509/certificate.ts';
import { isAuthority } from '../x509/extensions.ts';
import { sameName } from '../x509/name.ts';
import { sameBytes } from '../x509/octets.ts';

/** General advice for each code. */
const cures: Readonly<Partial<Record<PkiErrorCode, string>>> = {
  'certificate-malformed': 'give the certificate exactly as the card or its issuer provided it',
  'certificate-expired': 'use a certificate that is in force: this one is past its notAfter',
  'certificate-not-yet-valid':
    'use a certificate that is in force: this one is before its notBefore; is the clock right?',
  'certificate-issuer-untrusted':
    'use a certificate of this environment, and send intermediate CA certificates: it has no path to a trust anchor',
  'certificate-signature-invalid':
    'give an unaltered certificate of this environment: the signature of its issuer is invalid',
  'certificate-path-invalid':
    'give the certificates of the CAs that issued it: this path violates a rule',
  'certificate-path-too-complex': 'give only the intermediates that lead to the trust anchor',
  'certificate-policy-unacceptable':
    'use a certificate of an accepted kind: this one asserts no policy of such a kind',
  'certificate-algorithm-unacceptable':
    'use a certificate with an algorithm that the trust profile allows',
  'certificate-key-weak':
    'use a certificate with a key of the length that the trust profile requires',
  'certificate-kind-wrong': 'use a certificate of the required kind',
  'certificate-revoked': 'have a new certificate issued: this one is revoked',
  'challenge-signature-invalid':
    'sign the challenge as given, with the key of the certificate that is sent',
  'revocation-unknown': 'try again later: the revocation status is unknown',
};

/**
 * Advice for a refusal in one sentence, with the reason; undefined for a valid certificate. Contains no
 * personal data: no name, serial number or date.
 */
export function refusalCure(report: ValidationReport): string | undefined {
  const { code, certificate, refused, checks } = report;
  if (code === undefined) return undefined;
  const failed = checks.findLast(({ outcome }) => outcome === 'failed');
  const general = cures[code] ?? 'use another certificate';
  if (failed?.id === 'syntax') return failed.detail ?? general;
  if (failed?.id === 'certificate-kind' || failed?.id === 'challenge-signature') {
    return failed.detail ?? general;
  }
  if (certificate && failed?.id !== 'revocation') {
    const other = otherThanAPersons(certificate, code);
    if (other !== undefined) return other;
    if (refused && !sameBytes(refused.der, certificate.der)) {
      return `${general} (the certificate of a CA above it)`;
    }
  }
  return failed?.detail === undefined ? general : `${general}; ${failed.detail}`;
}

/** Advice for a CA certificate or a self-signed certificate. */
function otherThanAPersons(certificate: Certificate, code: PkiErrorCode): string | undefined {
  const isSelfIssued = sameName(certificate.issuer, certificate.subject);
  if (isAuthority(certificate)) {
    return 'give the certificate that is to be validated: this is a CA certificate';
  }
  if (isSelfIssued && code === 'certificate-issuer-untrusted') {
    return 'use a certificate that a CA issued: this one is self-signed';
  }
  return undefined;
}

const kindNames: Readonly<Record<CertificateKind, string>> = {
  'user-authentication': 'user-authentication certificate (利用者証明用電子証明書)',
  'digital-signature': 'signature certificate (署名用電子証明書)',
};

/** Advice for a certificate of the wrong kind: which one to give instead. */
export function kindCure(
  { rule, kind }: Extract<KindVerdict, { code: PkiErrorCode }>,
  wanted: WantedKind,
): string {
  const asked = wanted === 'any' ? 'a certificate of a card' : `the ${kindNames[wanted]}`;
  if (rule === 'end-entity') return `give ${asked}: this is a CA certificate`;
  if (kind === undefined) return `give ${asked}: this one asserts no policy of either kind`;
  if (wanted !== 'any' && kind !== wanted) return `give ${asked}: this is the ${kindNames[kind]}`;
  const lacks = {
    policy: 'its policy',
    anchor: 'the CA that issued it',
    'key-usage': 'its key usage',
    'extended-key-usage': 'its key purpose',
  }[rule];
  return `give ${asked}: ${lacks} does not fit a ${kindNames[kind]}`;
}
