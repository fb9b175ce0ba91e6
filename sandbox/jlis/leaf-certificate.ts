import { AsnConvert, AsnUtf8StringConverter } from '@peculiar/asn1-schema';
import { GeneralName, OtherName, SubjectAlternativeName } from '@peculiar/asn1-x509';
import {
  AuthorityInfoAccessExtension,
  CertificatePolicyExtension,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
} from './x509-library.ts';
import type { Authority } from './authority.ts';
import {
  authorityKeyIdentifier,
  crlDistributionPoint,
  encodeName,
  issueCertificate,
  subjectKeyIdentifier,
} from './issue-certificate.ts';
import { listName, type Municipality } from './municipalities.ts';
import type { Person } from './person.ts';

/**
 * The sandbox's certificate policies: for signature certificates the test hierarchy's, so that
 * production never accepts them.
 */
export const policyOf = {
  'user-authentication': '1.2.392.200149.8.5.1.3.30',
  'digital-signature': '1.2.392.200149.8.5.1.0.20',
} as const;

export const clientAuthentication = '1.3.6.1.5.5.7.3.2';

export interface LeafTemplate {
  readonly serial: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly person: Person;
  readonly municipality: Municipality;
  /** Milliseconds since 1970, whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * A leaf certificate in JPKI's form: CRL distribution point by directoryName, opaque common name.
 */
export const issueLeaf = async (authority: Authority, leaf: LeafTemplate): Promise<Buffer> =>
  issueCertificate(
    {
      serial: leaf.serial,
      issuer: authority.name,
      subject: encodeName(['C', 'JP'], ['CN', commonName(leaf)]),
      notBefore: leaf.notBefore,
      notAfter: leaf.notAfter,
      spki: leaf.spki,
      extensions: [
        ...(authority.kind === 'user-authentication'
          ? authenticationExtensions()
          : signatureExtensions(leaf.person)),
        new CertificatePolicyExtension([policyOf[authority.kind]], true),
        crlDistributionPoint(listName(authority.kind, leaf.municipality)),
        // A name that never resolves: a client that fetched it would use an unverified
        // certificate's URL.
        new AuthorityInfoAccessExtension({ ocsp: ['http://ocsp.jpki-sandbox.invalid/'] }),
        await authorityKeyIdentifier(authority.spki),
        await subjectKeyIdentifier(leaf.spki),
      ],
    },
    authority.signer,
  );

const authenticationExtensions = (): Extension[] => [
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  new ExtendedKeyUsageExtension([clientAuthentication]),
];

const signatureExtensions = (person: Person): Extension[] => [
  new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation, true),
  new Extension('2.5.29.17', false, AsnConvert.serialize(basicAttributes(person))),
];

/** The four basic attributes as otherNames `1.2.392.200149.8.5.5.N`, UTF8String each. */
const basicAttributes = (person: Person): SubjectAlternativeName =>
  new SubjectAlternativeName(
    [
      person.name,
      noSubstitutes(person.name),
      person.sex,
      birthWithEra(person.birthDate),
      person.address,
      noSubstitutes(person.address),
    ].map(
      (text, index) =>
        new GeneralName({
          otherName: new OtherName({
            typeId: `1.2.392.200149.8.5.5.${index + 1}`,
            value: AsnUtf8StringConverter.toASN(text).toBER(),
          }),
        }),
    ),
  );

/** One flag per character: 0 means that it is the registered character. */
const noSubstitutes = (text: string): string => text.replaceAll(/./gu, '0');

const eras = [
  ['2019-05-01', '5'],
  ['1989-01-08', '4'],
  ['1926-12-25', '3'],
  ['1912-07-30', '2'],
] as const;

/** `EYYYYMMDD`: era digit (Meiji 1 … Reiwa 5) and the Gregorian date. */
function birthWithEra(birthDate: string): string {
  const era = eras.find(([first]) => birthDate >= first)?.[1] ?? '1';
  return era + birthDate.replaceAll('-', '');
}

/**
 * Opaque to readers; contains time of issue and municipality and therefore counts as personal data.
 */
const commonName = (leaf: LeafTemplate): string =>
  new Date(leaf.notBefore).toISOString().replaceAll(/[-:TZ]|\.\d+/g, '') +
  leaf.municipality.code +
  leaf.serial.toString(16).toUpperCase().padStart(8, '0') +
  'X';
