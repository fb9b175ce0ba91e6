import { authorityInfoAccessOf } from '../../x509/authority-information-access.ts';
import {
  certificatePoliciesOf,
  inhibitAnyPolicyOf,
  policyConstraintsOf,
  policyMappingsOf,
} from '../../x509/certificate-policies.ts';
import type { Certificate } from '../../x509/certificate.ts';
import { decodeDistributionPoints } from '../../x509/distribution-point.ts';
import {
  authorityKeyIdentifierOf,
  basicConstraintsOf,
  decodeExtension,
  extendedKeyUsageOf,
  extensionId,
  keyUsageOf,
  ocspNoCheckOf,
  subjectKeyIdentifierOf,
} from '../../x509/extensions.ts';
import { issuerAltNamesOf, subjectAltNamesOf } from '../../x509/general-name.ts';
import { nameConstraintsOf } from '../../x509/name-constraints.ts';
import type { PathCheck } from '../path-check.ts';

/** Decodes every extension that this engine knows; a decoder throws `certificate-malformed`. */
export const extensionsWellFormed: PathCheck = {
  id: 'extensions-well-formed',
  clause: 'RFC 5280 §4.2.1',
  scope: 'certificate',
  check({ certificate }) {
    for (const { id } of certificate.extensions) decoders.get(id)?.(certificate);
    return undefined;
  },
};

const decoders: ReadonlyMap<string, (certificate: Certificate) => unknown> = new Map<
  string,
  (certificate: Certificate) => unknown
>([
  [extensionId.subjectKeyIdentifier, subjectKeyIdentifierOf],
  [extensionId.keyUsage, keyUsageOf],
  [extensionId.subjectAltName, subjectAltNamesOf],
  [extensionId.issuerAltName, issuerAltNamesOf],
  [extensionId.basicConstraints, basicConstraintsOf],
  [extensionId.nameConstraints, nameConstraintsOf],
  [
    extensionId.crlDistributionPoints,
    (certificate) =>
      decodeExtension(certificate, extensionId.crlDistributionPoints, decodeDistributionPoints),
  ],
  [
    extensionId.freshestCrl,
    (certificate) =>
      decodeExtension(certificate, extensionId.freshestCrl, decodeDistributionPoints),
  ],
  [extensionId.certificatePolicies, certificatePoliciesOf],
  [extensionId.policyMappings, policyMappingsOf],
  [extensionId.authorityKeyIdentifier, authorityKeyIdentifierOf],
  [extensionId.policyConstraints, policyConstraintsOf],
  [extensionId.extendedKeyUsage, extendedKeyUsageOf],
  [extensionId.inhibitAnyPolicy, inhibitAnyPolicyOf],
  [extensionId.authorityInfoAccess, authorityInfoAccessOf],
  [extensionId.ocspNoCheck, ocspNoCheckOf],
]);
