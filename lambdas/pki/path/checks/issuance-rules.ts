import { mapsAnyPolicy, policyMappingsOf } from '../../x509/certificate-policies.ts';
import type { Certificate } from '../../x509/certificate.ts';
import {
  authorityKeyIdentifierOf,
  basicConstraintsOf,
  extensionId,
  findExtension,
  keyUsageBit,
  keyUsageOf,
} from '../../x509/extensions.ts';
import { type GeneralName, subjectAltNamesOf } from '../../x509/general-name.ts';
import { sameName } from '../../x509/name.ts';
import type { PathCheck } from '../path-check.ts';

/** Requirements of RFC 5280 §4 on CAs that path validation (§6) does not check; off by default. */
export const issuanceRules: PathCheck = {
  id: 'issuance-rules',
  clause: 'RFC 5280 §4.2.1, §4.2.2',
  scope: 'certificate',
  check: ({ certificate, input }) =>
    !input.issuanceRules || keepsIssuanceRules(certificate)
      ? undefined
      : 'certificate-path-invalid',
};

const neverCritical: readonly string[] = [
  extensionId.subjectKeyIdentifier,
  extensionId.authorityKeyIdentifier,
  extensionId.authorityInfoAccess,
  extensionId.freshestCrl,
];
const alwaysCritical: readonly string[] = [
  extensionId.nameConstraints,
  extensionId.policyConstraints,
  extensionId.inhibitAnyPolicy,
];

/** Also applied to a trust anchor that is given as a certificate. */
export function keepsIssuanceRules(certificate: Certificate): boolean {
  for (const { id, critical } of certificate.extensions) {
    if (critical ? neverCritical.includes(id) : alwaysCritical.includes(id)) return false;
  }
  // §4.2.1.5; for intermediate certificates, §6.1.4 (a) requires it in any case.
  if (mapsAnyPolicy(policyMappingsOf(certificate) ?? [])) return false;
  if (!(subjectAltNamesOf(certificate) ?? []).every(hasPreferredSyntax)) return false;
  return basicConstraintsOf(certificate)?.isCa
    ? keepsAuthorityRules(certificate)
    : keepsEndEntityRules(certificate);
}

/**
 * §4.2.1.6: a dNSName is in the "preferred name syntax" of RFC 1034 §3.5 as RFC 1123 §2.1 changed it:
 * letters, digits and inner hyphens, no underscore. A wildcard label may come first (RFC 9525 §6.3).
 */
const preferredName = /^(\*\.)?(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i;

const hasPreferredSyntax = (name: GeneralName): boolean =>
  name.form !== 'dNSName' || (name.text.length <= 253 && preferredName.test(name.text));

/**
 * §4.2.1.2 (SubjectKeyIdentifier), §4.2.1.3 and §4.2.1.9 (cA with keyCertSign, critical). A self-issued
 * certificate may omit the authority key identifier (§4.2.1.1) and keyUsage.
 */
function keepsAuthorityRules(certificate: Certificate): boolean {
  const isSelfIssued = sameName(certificate.subject, certificate.issuer);
  const usage = keyUsageOf(certificate);
  return (
    findExtension(certificate, extensionId.basicConstraints)?.critical === true &&
    findExtension(certificate, extensionId.subjectKeyIdentifier) !== undefined &&
    (usage === undefined ? isSelfIssued : (usage >> keyUsageBit.keyCertSign) % 2 === 1) &&
    (isSelfIssued || namesIssuerKey(certificate))
  );
}

/** §4.2.1.1, §4.2.1.3, §4.2.1.6 (empty subject), §4.2.1.9 (pathLen), §4.2.1.10. */
function keepsEndEntityRules(certificate: Certificate): boolean {
  const signsCertificates = ((keyUsageOf(certificate) ?? 0) >> keyUsageBit.keyCertSign) % 2 === 1;
  const hasSubject =
    !certificate.subject.isEmpty ||
    findExtension(certificate, extensionId.subjectAltName)?.critical === true;
  return (
    !signsCertificates &&
    hasSubject &&
    basicConstraintsOf(certificate)?.pathLength === undefined &&
    findExtension(certificate, extensionId.nameConstraints) === undefined &&
    namesIssuerKey(certificate)
  );
}

const namesIssuerKey = (certificate: Certificate): boolean =>
  authorityKeyIdentifierOf(certificate)?.keyIdentifier !== undefined;
