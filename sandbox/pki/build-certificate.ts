import { createHash } from 'node:crypto';
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  der,
  integer,
  namedBits,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  time,
  utf8String,
} from './der-writer.ts';
import { algorithmOf, signWith, spkiOf, type Signer } from './signing.ts';

const attributeTypes = { CN: '2.5.4.3', C: '2.5.4.6', L: '2.5.4.7', O: '2.5.4.10', OU: '2.5.4.11' };

/** A Name from `['C', 'JP'], ['O', 'JPKI-SANDBOX'], …`, one attribute an RDN. Country is a PrintableString. */
export const buildName = (
  ...attributes: readonly (readonly [keyof typeof attributeTypes, string])[]
): Buffer =>
  sequence(
    ...attributes.map(([type, value]) =>
      setOf(
        sequence(
          oid(attributeTypes[type]),
          type === 'C' ? printableString(value) : utf8String(value),
        ),
      ),
    ),
  );

export const extension = (id: string, value: Uint8Array, critical = false): Buffer =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));

/** RFC 5280 §4.2.1.2 method 1: SHA-1 of the subjectPublicKey bits. */
export function keyIdentifier(spki: Uint8Array): Buffer {
  // The BIT STRING is the last field: its content starts after the AlgorithmIdentifier.
  const body = Buffer.from(spki);
  const outerHeader = body[1]! < 0x80 ? 2 : 2 + (body[1]! & 0x7f);
  const algorithmLength = 2 + body[outerHeader + 1]!;
  const bits = outerHeader + algorithmLength;
  const bitsHeader = body[bits + 1]! < 0x80 ? 2 : 2 + (body[bits + 1]! & 0x7f);
  return createHash('sha1')
    .update(body.subarray(bits + bitsHeader + 1))
    .digest();
}

export const keyUsageBits = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  keyCertSign: 5,
  cRLSign: 6,
};

/** Extensions of certificates issued here, DER, for `extensions`. */
export const certificateExtensions = {
  basicConstraints: (ca: boolean, pathLength?: number, critical = true): Buffer =>
    extension(
      '2.5.29.19',
      sequence(
        ...(ca ? [boolean(true)] : []),
        ...(pathLength === undefined ? [] : [integer(pathLength)]),
      ),
      critical,
    ),
  keyUsage: (...usages: readonly (keyof typeof keyUsageBits)[]): Buffer =>
    extension('2.5.29.15', namedBits(...usages.map((usage) => keyUsageBits[usage])), true),
  extendedKeyUsage: (...ids: readonly string[]): Buffer =>
    extension('2.5.29.37', sequence(...ids.map(oid))),
  certificatePolicies: (...ids: readonly string[]): Buffer =>
    extension('2.5.29.32', sequence(...ids.map((id) => sequence(oid(id)))), true),
  subjectKeyIdentifier: (spki: Uint8Array): Buffer =>
    extension('2.5.29.14', octetString(keyIdentifier(spki))),
  authorityKeyIdentifier: (issuerSpki: Uint8Array): Buffer =>
    extension('2.5.29.35', sequence(contextPrimitive(0, keyIdentifier(issuerSpki)))),
  /** One distribution point whose fullName is a directoryName, as JPKI writes them. */
  crlDistributionPoint: (directoryName: Uint8Array): Buffer =>
    extension('2.5.29.31', sequence(sequence(context(0, context(0, context(4, directoryName)))))),
  ocspResponder: (url: string): Buffer =>
    extension(
      '1.3.6.1.5.5.7.1.1',
      sequence(
        sequence(oid('1.3.6.1.5.5.7.48.1'), contextPrimitive(6, Buffer.from(url, 'latin1'))),
      ),
    ),
  ocspNoCheck: (): Buffer => extension('1.3.6.1.5.5.7.48.1.5', der(0x05)),
};

export interface CertificateTemplate {
  /** X.509 version number as commonly written; 3 by default. */
  readonly version?: 1 | 2 | 3;
  readonly serial: number | bigint | Uint8Array;
  /** Name, DER. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
  /** AlgorithmIdentifier inside the TBSCertificate, if it is to differ from the signer's. */
  readonly tbsAlgorithm?: Uint8Array;
}

/** A certificate, DER, signed by the issuer's key. */
export function buildCertificate(template: CertificateTemplate, issuer: Signer): Buffer {
  const version = template.version ?? 3;
  const tbs = sequence(
    ...(version === 1 ? [] : [context(0, integer(version - 1))]),
    integer(template.serial),
    template.tbsAlgorithm ?? algorithmOf(issuer.scheme),
    template.issuer,
    sequence(time(template.notBefore), time(template.notAfter)),
    template.subject,
    template.spki,
    ...(template.extensions?.length ? [context(3, sequence(...template.extensions))] : []),
  );
  return signed(tbs, issuer);
}

/** SEQUENCE { tbs, algorithm, signature }: certificates, lists and OCSP's BasicOCSPResponse share it. */
export const signed = (tbs: Uint8Array, signer: Signer, ...behind: readonly Uint8Array[]): Buffer =>
  sequence(tbs, algorithmOf(signer.scheme), bitString(signWith(signer, tbs)), ...behind);

/** A self-signed CA certificate in JPKI's form (docs/jpki.md: certificates). */
export function buildCaCertificate(
  template: Omit<CertificateTemplate, 'issuer' | 'spki'> & { readonly signer: Signer },
): Buffer {
  const spki = spkiOf(template.signer);
  return buildCertificate(
    {
      ...template,
      issuer: template.subject,
      spki,
      extensions: template.extensions ?? [
        certificateExtensions.basicConstraints(true),
        certificateExtensions.keyUsage('keyCertSign', 'cRLSign'),
        certificateExtensions.subjectKeyIdentifier(spki),
      ],
    },
    template.signer,
  );
}
