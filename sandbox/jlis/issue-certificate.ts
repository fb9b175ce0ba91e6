import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  DistributionPoint,
  DistributionPointName,
  GeneralName,
  Name as AsnName,
} from '@peculiar/asn1-x509';
import {
  AuthorityKeyIdentifierExtension,
  CRLDistributionPointsExtension,
  Extension,
  Name,
  PublicKey,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from './x509-library.ts';
import type { webcrypto } from 'node:crypto';
import type { Signer } from '../pki/signing.ts';

export interface CertificateContent {
  readonly serial: number;
  /** Name, DER. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970, whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly extensions: readonly Extension[];
}

/** A version 3 certificate, DER, signed by the issuer's key. */
export async function issueCertificate(
  content: CertificateContent,
  issuer: Signer,
): Promise<Buffer> {
  const { key, algorithm } = signingKeyOf(issuer);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: hexOfSerial(content.serial),
    issuer: new Name(content.issuer),
    subject: new Name(content.subject),
    notBefore: new Date(content.notBefore),
    notAfter: new Date(content.notAfter),
    publicKey: new PublicKey(content.spki),
    extensions: [...content.extensions],
    signingKey: key,
    signingAlgorithm: algorithm,
  });
  return Buffer.from(certificate.rawData);
}

export type NameAttribute = readonly ['C' | 'O' | 'OU' | 'CN', string];

/** A Name, DER, one attribute an RDN; UTF8String but for the country (RFC 5280 §4.1.2.4). */
export const encodeName = (...attributes: readonly NameAttribute[]): Buffer =>
  Buffer.from(
    new Name(
      attributes.map(([type, value]) => ({
        [type]: [type === 'C' ? { printableString: value } : { utf8String: value }],
      })),
    ).toArrayBuffer(),
  );

/** DistributionPointName `fullName [0]` with one directoryName, as JPKI writes it. */
export const directoryPointName = (name: Uint8Array): DistributionPointName =>
  new DistributionPointName({
    fullName: [new GeneralName({ directoryName: AsnConvert.parse(name, AsnName) })],
  });

export const crlDistributionPoint = (directoryName: Uint8Array): Extension =>
  new CRLDistributionPointsExtension([
    new DistributionPoint({ distributionPoint: directoryPointName(directoryName) }),
  ]);

/** RFC 5280 §4.2.1.2 method 1: SHA-1 of the subjectPublicKey bits. */
export const subjectKeyIdentifier = (spki: Uint8Array): Promise<Extension> =>
  SubjectKeyIdentifierExtension.create(new PublicKey(spki));

export const authorityKeyIdentifier = (issuerSpki: Uint8Array): Promise<Extension> =>
  AuthorityKeyIdentifierExtension.create(new PublicKey(issuerSpki));

/** An OCTET STRING, DER. */
export const octets = (bytes: Uint8Array): ArrayBuffer =>
  AsnConvert.serialize(new OctetString(bytes));

const algorithms = {
  'rsa-sha256': { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  'ecdsa-sha256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'ecdsa-sha384': { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
} as const;

/** The signer's key for Web Crypto, with its signature algorithm. */
export function signingKeyOf({ privateKey, scheme }: Signer): {
  readonly key: webcrypto.CryptoKey;
  readonly algorithm: (typeof algorithms)[keyof typeof algorithms];
} {
  const algorithm = algorithms[scheme as keyof typeof algorithms];
  if (algorithm === undefined) throw new Error(`no authority here signs with ${scheme}`);
  return { key: privateKey.toCryptoKey(algorithm, false, ['sign']), algorithm };
}

/** Hexadecimal of whole octets, positive as an INTEGER. */
export function hexOfSerial(serial: number): string {
  const digits = serial.toString(16);
  const whole = digits.padStart(digits.length + (digits.length % 2), '0');
  return whole >= '8' ? `00${whole}` : whole;
}
