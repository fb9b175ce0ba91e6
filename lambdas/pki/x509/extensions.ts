import { engineLimits } from '../limits.ts';
import type { Certificate } from './certificate.ts';
import { contextPrimitive, DerError, DerReader, enterWhole, tag } from './der.ts';
import { readOid } from './object-identifier.ts';
import type { RepeatedExtensions } from './repeated-extensions.ts';

/** One extension (RFC 5280 §4.2); a check decodes its value when needed. */
export interface Extension {
  /** Dotted decimal. */
  readonly id: string;
  readonly critical: boolean;
  /** Content of the extnValue OCTET STRING, as a view. */
  readonly value: Uint8Array;
  /** Cache of `decodeExtension`. */
  decoded?: unknown;
}

/** Identifiers of the extensions that this engine processes. */
export const extensionId = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  freshestCrl: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
} as const;

/**
 * Reads Extensions inside their explicit tag (`[3]` in a certificate, `[0]` in a CRL). RFC 5280 requires at
 * least one; `least` 0 also accepts an empty SEQUENCE. `repeated`: those that were read before.
 */
export function readExtensions(
  wrapper: DerReader,
  least: 0 | 1 = 1,
  repeated?: RepeatedExtensions,
): readonly Extension[] {
  const list = wrapper.enter(tag.sequence);
  wrapper.finish();
  // SEQUENCE SIZE (1..MAX)
  if (list.atEnd && least === 1) throw new DerError('empty Extensions');
  const extensions: Extension[] = [];
  while (!list.atEnd) {
    if (extensions.length === engineLimits.extensions) throw new DerError('too many extensions');
    const position = extensions.length;
    const start = list.offset;
    let extension = repeated?.take(list, position);
    if (extension === undefined) {
      extension = readExtension(list.enter(tag.sequence));
      if (repeated) extension = repeated.keep(extension, list.bytes, start, list.offset, position);
    }
    extensions.push(extension);
  }
  return extensions;
}

function readExtension(fields: DerReader): Extension {
  const id = readOid(fields);
  let critical = false;
  if (fields.peek() === tag.boolean) {
    critical = fields.boolean();
    // X.690 §11.5: a value equal to its DEFAULT is not encoded.
    if (!critical) throw new DerError('default criticality must not be encoded');
  }
  const value = fields.content(tag.octetString);
  fields.finish();
  return { id, critical, value, decoded: undefined };
}

/** The first extension with this id. Path validation refuses a certificate with two of one id. */
export function findExtension(
  holder: { readonly extensions: readonly Extension[] },
  id: string,
): Extension | undefined {
  for (const extension of holder.extensions) if (extension.id === id) return extension;
  return undefined;
}

/** Decodes an extension and caches the result; undefined when it is absent. Throws `DerError`. */
export function decodeExtension<T extends object>(
  holder: { readonly extensions: readonly Extension[] },
  id: string,
  decoder: (value: Uint8Array) => T,
): T | undefined {
  const extension = findExtension(holder, id);
  if (extension === undefined) return undefined;
  return (extension.decoded ??= decoder(extension.value)) as T;
}

/** RFC 5280 §4.2.1.9. */
export interface BasicConstraints {
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
}

export const basicConstraintsOf = (certificate: Certificate): BasicConstraints | undefined =>
  decodeExtension(certificate, extensionId.basicConstraints, decodeBasicConstraints);

/** Whether basicConstraints has cA; false when it is malformed. */
export function isAuthority(certificate: Certificate): boolean {
  try {
    return basicConstraintsOf(certificate)?.isCa === true;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

function decodeBasicConstraints(value: Uint8Array): BasicConstraints {
  const fields = enterWhole(value);
  // An explicit FALSE violates X.690 §11.5, but many CAs have encoded it, so it is accepted.
  const isCa = fields.peek() === tag.boolean && fields.boolean();
  const pathLength = fields.atEnd ? undefined : fields.smallInteger();
  fields.finish();
  return { isCa, pathLength };
}

/** RFC 5280 §4.2.1.3, by bit number. */
export const keyUsageBit = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const;

export type KeyUsageName = keyof typeof keyUsageBit;

/** The keyUsage bits (bit n of the number is bit n of the BIT STRING); undefined when absent. */
export const keyUsageOf = (certificate: Certificate): number | undefined =>
  decodeExtension(certificate, extensionId.keyUsage, decodeKeyUsage)?.bits;

/** Whether keyUsage allows the usage; true without the extension (RFC 5280 §4.2.1.3). */
export function allowsKeyUsage(certificate: Certificate, usage: KeyUsageName): boolean {
  const bits = keyUsageOf(certificate);
  return bits === undefined || ((bits >> keyUsageBit[usage]) & 1) === 1;
}

function decodeKeyUsage(value: Uint8Array): { readonly bits: number } {
  const reader = new DerReader(value);
  const { bits } = reader.namedBits();
  reader.finish();
  // RFC 5280 §4.2.1.3: at least one of the bits MUST be set.
  if (bits === 0) throw new DerError('keyUsage without any bit set');
  return { bits };
}

/** RFC 5280 §4.2.1.12: key purposes, dotted decimal. */
export const extendedKeyUsageOf = (certificate: Certificate): readonly string[] | undefined =>
  decodeExtension(certificate, extensionId.extendedKeyUsage, decodeOidList);

function decodeOidList(value: Uint8Array): readonly string[] {
  const list = enterWhole(value);
  if (list.atEnd) throw new DerError('empty list of OIDs');
  const ids: string[] = [];
  while (!list.atEnd) ids.push(readOid(list));
  return ids;
}

/** RFC 6960 §4.2.2.2.1: "The value of the extension SHALL be NULL." */
export const ocspNoCheckOf = (certificate: Certificate): object | undefined =>
  decodeExtension(certificate, extensionId.ocspNoCheck, (value) => {
    const reader = new DerReader(value);
    if (reader.content(tag.null).length > 0) throw new DerError('NULL with content');
    reader.finish();
    return value;
  });

/** RFC 5280 §4.2.1.2: the octets. */
export const subjectKeyIdentifierOf = (certificate: Certificate): Uint8Array | undefined =>
  decodeExtension(certificate, extensionId.subjectKeyIdentifier, (value) => {
    const reader = new DerReader(value);
    const octets = reader.content(tag.octetString);
    reader.finish();
    return octets;
  });

/** RFC 5280 §4.2.1.1. `issuer` is the content of GeneralNames. */
export interface AuthorityKeyIdentifier {
  readonly keyIdentifier: Uint8Array | undefined;
  readonly issuer: Uint8Array | undefined;
  readonly serial: Uint8Array | undefined;
}

export const authorityKeyIdentifierOf = (certificate: {
  readonly extensions: readonly Extension[];
}): AuthorityKeyIdentifier | undefined =>
  decodeExtension(certificate, extensionId.authorityKeyIdentifier, decodeAuthorityKeyIdentifier);

export function decodeAuthorityKeyIdentifier(value: Uint8Array): AuthorityKeyIdentifier {
  const fields = enterWhole(value);
  const optional = (identifier: number): Uint8Array | undefined =>
    fields.peek() === identifier ? fields.content(identifier) : undefined;
  const keyIdentifier = optional(contextPrimitive(0));
  const issuer = optional(0xa1);
  const serial =
    fields.peek() === contextPrimitive(2) ? fields.integerBytes(contextPrimitive(2)) : undefined;
  fields.finish();
  // RFC 5280 §4.2.1.1: issuer and serial MUST both be present or both be absent.
  if ((issuer === undefined) !== (serial === undefined)) {
    throw new DerError('authorityCertIssuer and authorityCertSerialNumber must occur together');
  }
  return { keyIdentifier, issuer, serial };
}
