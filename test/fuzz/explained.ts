import { type Certificate, parseCertificate } from '../../lambdas/pki/x509/certificate.ts';
import { certIdMatches } from '../../lambdas/pki/x509/cert-id.ts';
import { type Crl, entriesOf, parseCrl } from '../../lambdas/pki/x509/crl.ts';
import { contextConstructed, DerError, tag } from '../../lambdas/pki/x509/der.ts';
import {
  type AuthorityKeyIdentifier,
  authorityKeyIdentifierOf,
  subjectKeyIdentifierOf,
} from '../../lambdas/pki/x509/extensions.ts';
import { type BasicOcspResponse, parseOcspResponse } from '../../lambdas/pki/x509/ocsp.ts';
import { sameBytes } from '../../lambdas/pki/x509/octets.ts';
import { authority, authorityName, delegateName, fuzzTime, leaf, pointName } from './material.ts';
import { type Value, valuesOf } from './mutate.ts';
import type { Mutant } from './peers.ts';

/** A mutant that was accepted here, read. */
interface Accepted {
  readonly bytes: Buffer;
  /** The certificate itself, or those that a response embeds and that can be read. */
  readonly certificates: readonly Certificate[];
  readonly list?: Crl;
  readonly response?: BasicOcspResponse;
}

interface Class {
  readonly title: string;
  readonly holds: (accepted: Accepted) => boolean;
}

/** What is accepted here alone with good reason; docs/divergences.md says which. */
const classes: readonly Class[] = [
  {
    title: 'an issuer, responder or distribution point alike by RFC 5280 §7.1 in other octets',
    holds: (accepted) => bearsAlikeNames(accepted) || hasAlikePlace(accepted),
  },
  {
    title: 'an authority key identifier of another key, which is a hint (RFC 5280 §5.2.1)',
    holds: (accepted) => keyIdentifiersIn(accepted).some(namesAnotherKey),
  },
  {
    title: 'the last moment of validity or currency (RFC 5280 §4.1.2.5, §6.3.3; RFC 6960 §3.2)',
    holds: (accepted) => lastMomentsIn(accepted).includes(fuzzTime),
  },
  {
    title: 'a further OCSP answer about another issuer (RFC 6960 §4.2.2.3)',
    holds: ({ response }) => response?.responses.some(isAboutAnotherIssuer) ?? false,
  },
  {
    title: 'embedded bytes that another cannot read, beside the signer (RFC 6960 §4.2.1)',
    holds: ({ response, certificates }) =>
      response !== undefined &&
      (response.certificates.length > 1 || certificates.length < response.certificates.length),
  },
  {
    title: 'a value of ANY type in a name that is no text (RFC 5280 §4.1.2.4, §4.2.1.6)',
    holds: ({ bytes }) => valuesOf(bytes).some((value) => isOddValue(bytes, value)),
  },
];

/** Why a mutant may be accepted here and by nobody else; undefined where there is no good reason. */
export function explanationOf(mutant: Mutant): string | undefined {
  const accepted = read(mutant);
  return classes.find(({ holds }) => holds(accepted))?.title;
}

/** May it be good here and revoked elsewhere? So is a list that revokes its number for others alone. */
export function mayBeRevokedElsewhere({ kind, bytes }: Mutant): boolean {
  return kind === 'crl' && revokesOnlyOthers(parseCrl(bytes));
}

const issuer = parseCertificate(authority);
const asked = parseCertificate(leaf);

/** Some entry names the issuer of its certificate, and none of the leaf's number is of its issuer. */
function revokesOnlyOthers(list: Crl): boolean {
  let issuers: readonly Uint8Array[] = [authorityName];
  for (const entry of entriesOf(list)) {
    issuers = entry.certificateIssuer?.map(({ der }) => der) ?? issuers;
    const isOfIssuer = issuers.some((name) => sameBytes(name, authorityName));
    if (isOfIssuer && sameBytes(entry.serial, asked.serial)) return false;
  }
  return list.namesCertificateIssuers;
}

function read({ kind, bytes }: Mutant): Accepted {
  if (kind === 'certificate') return { bytes, certificates: [parseCertificate(bytes)] };
  if (kind === 'crl') return { bytes, certificates: [], list: parseCrl(bytes) };
  const parsed = parseOcspResponse(bytes);
  if (parsed.status !== 'successful') return { bytes, certificates: [] };
  const response = parsed.basic;
  return { bytes, certificates: response.certificates.flatMap(readableCertificate), response };
}

function readableCertificate(der: Uint8Array): Certificate[] {
  try {
    const certificate = parseCertificate(der);
    authorityKeyIdentifierOf(certificate);
    return [certificate];
  } catch (error) {
    if (error instanceof DerError) return [];
    throw error;
  }
}

/** Names of whoever signed, each beside the name that it has to be like. */
function namesIn({
  certificates,
  list,
  response,
}: Accepted): readonly (readonly [Uint8Array, Buffer])[] {
  const responder = response?.responderId;
  return [
    ...certificates.map(({ issuer: { der } }) => [der, authorityName] as const),
    ...(list ? [[list.issuer.der, authorityName] as const] : []),
    ...(response ? certificates.map(({ subject }) => [subject.der, delegateName] as const) : []),
    ...(responder?.by === 'name' ? [[responder.name.der, delegateName] as const] : []),
  ];
}

function bearsAlikeNames(accepted: Accepted): boolean {
  const names = namesIn(accepted);
  const isSame = names.every(([name, known]) => sameBytes(name, known));
  return !isSame && names.every(([name, known]) => areAlike(name, known));
}

/** Alike the leaf's distribution point, or the one of its issuer's name that §6.3.3 implies. */
function hasAlikePlace({ list }: Accepted): boolean {
  const place = list?.extensions.issuingDistributionPoint?.name;
  if (place?.form !== 'fullName') return false;
  const names = place.names.flatMap((name) =>
    name.form === 'directoryName' ? [name.name.der] : [],
  );
  if (names.some((name) => sameBytes(name, pointName))) return false;
  return names.some((name) => areAlike(name, pointName) || areAlike(name, authorityName));
}

/** RFC 5280 §7.1, near enough: case, white space and characters that RFC 4518 §2.2 maps to nothing. */
const areAlike = (a: Uint8Array, b: Uint8Array): boolean => prepared(a) === prepared(b);

function prepared(name: Uint8Array): string {
  const bytes = Buffer.from(name);
  const values = valuesOf(bytes).filter(({ start }) => (bytes[start]! & 0x20) === 0);
  return values
    .map(({ start, content, end }) => {
      if (bytes[start] === tag.oid) return bytes.toString('hex', content, end);
      const text = bytes.toString('utf8', content, end).normalize('NFKC').toLowerCase();
      return text.replaceAll(/[\p{Cc}\p{Cf}\s]/gu, '');
    })
    .join('/');
}

const keyIdentifiersIn = ({ certificates, list }: Accepted): readonly AuthorityKeyIdentifier[] =>
  [...certificates.map(authorityKeyIdentifierOf), list?.extensions.authorityKeyIdentifier].filter(
    (identifier) => identifier !== undefined,
  );

const namesAnotherKey = ({ keyIdentifier, issuer: name }: AuthorityKeyIdentifier): boolean =>
  name !== undefined ||
  (keyIdentifier !== undefined && !sameBytes(keyIdentifier, subjectKeyIdentifierOf(issuer)!));

const lastMomentsIn = ({ certificates, list, response }: Accepted): readonly unknown[] => [
  ...certificates.map(({ notAfter }) => notAfter),
  list?.nextUpdate,
  ...(response?.responses ?? []).map(({ nextUpdate }) => nextUpdate),
];

const isAboutAnotherIssuer = ({ certId }: BasicOcspResponse['responses'][number]): boolean =>
  !certIdMatches(certId, { issuer: asked.issuer, serial: certId.serial }, issuer);

/** Strings that others read in names; BMPString and UniversalString can hold what is no character. */
const texts: readonly number[] = [
  tag.utf8String,
  tag.numericString,
  tag.printableString,
  tag.teletexString,
  tag.ia5String,
];

const isText = (identifier: number, content: Buffer): boolean =>
  texts.includes(identifier) &&
  (identifier !== tag.printableString || content.every((octet) => octet < 0x80));

/** A value of ANY type, of an attribute or an otherName, that is no string which others know in names. */
function isOddValue(bytes: Buffer, { start, content, end, around }: Value): boolean {
  const [outer, inner] = around.slice(-2);
  if (!outer || !inner || isText(bytes[start]!, bytes.subarray(content, end))) return false;
  // Attribute: SET { SEQUENCE { OID, value } }; otherName: [0] { OID, [0] { value } }.
  return bytes[outer.start] === tag.set
    ? start > inner.content
    : bytes[inner.start] === contextConstructed(0) && bytes[outer.content] === tag.oid;
}
