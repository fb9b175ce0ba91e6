import { engineLimits } from '../limits.ts';
import type { Certificate } from './certificate.ts';
import { contextPrimitive, DerError, DerReader, enterWhole, tag } from './der.ts';
import { decodeExtension, extensionId } from './extensions.ts';
import { readOid } from './object-identifier.ts';

/** The special policy anyPolicy (RFC 5280 §4.2.1.4). */
export const anyPolicy = '2.5.29.32.0';

/** RFC 5280 §4.2.1.4: policy OIDs in order. */
export const certificatePoliciesOf = (certificate: Certificate): readonly string[] | undefined =>
  policiesOf(certificate)?.ids;

/** Whether there is a policy qualifier other than CPS pointer and user notice (RFC 5280 §4.2.1.4). */
export const hasUnknownPolicyQualifier = (certificate: Certificate): boolean =>
  policiesOf(certificate)?.hasUnknownQualifier === true;

const policiesOf = (certificate: Certificate): CertificatePolicies | undefined =>
  decodeExtension(certificate, extensionId.certificatePolicies, decodeCertificatePolicies);

interface CertificatePolicies {
  readonly ids: readonly string[];
  readonly hasUnknownQualifier: boolean;
}

function decodeCertificatePolicies(value: Uint8Array): CertificatePolicies {
  const list = enterWhole(value);
  const policies = new Set<string>();
  let hasUnknownQualifier = false;
  if (list.atEnd) throw new DerError('empty certificate policies');
  while (!list.atEnd) {
    if (policies.size === engineLimits.policies)
      throw new DerError('too many certificate policies');
    const information = list.enter(tag.sequence);
    const id = readOid(information);
    if (!information.atEnd && !knowsQualifiers(information)) hasUnknownQualifier = true;
    // RFC 5280 §4.2.1.4: a policy OID MUST NOT appear more than once.
    if (policies.has(id)) throw new DerError('certificate policy occurs twice');
    policies.add(id);
  }
  return { ids: [...policies], hasUnknownQualifier };
}

/** id-qt-cps and id-qt-unotice with the tags of CPSuri and UserNotice. */
const knownQualifiers: ReadonlyMap<string, number> = new Map([
  ['1.3.6.1.5.5.7.2.1', tag.ia5String],
  ['1.3.6.1.5.5.7.2.2', tag.sequence],
]);

function knowsQualifiers(information: DerReader): boolean {
  let areKnown = true;
  const qualifiers = information.enter(tag.sequence);
  information.finish();
  if (qualifiers.atEnd) throw new DerError('empty policy qualifiers');
  while (!qualifiers.atEnd) {
    const qualifier = qualifiers.enter(tag.sequence);
    areKnown &&= knownQualifiers.get(readOid(qualifier)) === qualifier.peek();
    qualifier.enterRange(-1);
    qualifier.finish();
  }
  return areKnown;
}

export interface PolicyMapping {
  readonly issuerDomainPolicy: string;
  readonly subjectDomainPolicy: string;
}

/** RFC 5280 §4.2.1.5. */
export const policyMappingsOf = (certificate: Certificate): readonly PolicyMapping[] | undefined =>
  decodeExtension(certificate, extensionId.policyMappings, decodePolicyMappings);

/** "Policies MUST NOT be mapped either to or from the special value anyPolicy." */
export const mapsAnyPolicy = (mappings: readonly PolicyMapping[]): boolean =>
  mappings.some(
    ({ issuerDomainPolicy, subjectDomainPolicy }) =>
      issuerDomainPolicy === anyPolicy || subjectDomainPolicy === anyPolicy,
  );

function decodePolicyMappings(value: Uint8Array): readonly PolicyMapping[] {
  const list = enterWhole(value);
  const mappings: PolicyMapping[] = [];
  if (list.atEnd) throw new DerError('empty policy mappings');
  while (!list.atEnd) {
    if (mappings.length === engineLimits.policies) throw new DerError('too many policy mappings');
    const mapping = list.enter(tag.sequence);
    const issuerDomainPolicy = readOid(mapping);
    mappings.push({ issuerDomainPolicy, subjectDomainPolicy: readOid(mapping) });
    mapping.finish();
  }
  return mappings;
}

/** RFC 5280 §4.2.1.11: number of further certificates before each constraint applies. */
export interface PolicyConstraints {
  readonly requireExplicitPolicy: number | undefined;
  readonly inhibitPolicyMapping: number | undefined;
}

export const policyConstraintsOf = (certificate: Certificate): PolicyConstraints | undefined =>
  decodeExtension(certificate, extensionId.policyConstraints, decodePolicyConstraints);

function decodePolicyConstraints(value: Uint8Array): PolicyConstraints {
  const fields = enterWhole(value);
  // RFC 5280 §4.2.1.11: MUST NOT be an empty sequence.
  if (fields.atEnd) throw new DerError('empty policy constraints');
  const optional = (identifier: number): number | undefined =>
    fields.peek() === identifier ? fields.smallInteger(identifier) : undefined;
  const requireExplicitPolicy = optional(contextPrimitive(0));
  const inhibitPolicyMapping = optional(contextPrimitive(1));
  fields.finish();
  return { requireExplicitPolicy, inhibitPolicyMapping };
}

/** RFC 5280 §4.2.1.14: number of further certificates before anyPolicy is no longer accepted. */
export const inhibitAnyPolicyOf = (certificate: Certificate): number | undefined =>
  decodeExtension(certificate, extensionId.inhibitAnyPolicy, (value) => {
    const reader = new DerReader(value);
    const skipCertificates = reader.smallInteger();
    reader.finish();
    return { skipCertificates };
  })?.skipCertificates;
