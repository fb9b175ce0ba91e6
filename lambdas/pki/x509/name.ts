import { DerError, DerReader, enterWhole, tag } from './der.ts';
import { canonicalAttributeValue, isAscii, isOpaque, isUtf8 } from './name-string-preparation.ts';
import { sameBytes } from './octets.ts';
import { readOid } from './object-identifier.ts';

/**
 * A Name (RFC 5280 §4.1.2.4) whose structure was checked when it was read. Its canonical form is computed
 * on demand; names with equal octets do not need it.
 */
export class DistinguishedName {
  /** The whole Name, a view. */
  readonly der: Uint8Array;
  private relativeNamesOnce: readonly string[] | undefined;
  private canonicalOnce: string | undefined;
  private rdnOutlinesOnce: readonly RdnOutline[] | undefined;

  /** `der` is a Name that `readName` or `parseName` has checked. */
  constructor(der: Uint8Array) {
    this.der = der;
  }

  get isEmpty(): boolean {
    return this.der.length === 2;
  }

  /** Canonical texts of the RDNs in order; RDNs are equal under RFC 5280 §7.1 if their texts are. */
  get relativeNames(): readonly string[] {
    return (this.relativeNamesOnce ??= canonicalRelativeNames(this.der));
  }

  /** For each RDN, in order. */
  get rdnOutlines(): readonly RdnOutline[] {
    return (this.rdnOutlinesOnce ??= rdnOutlinesIn(this.der));
  }

  /** Names are equal under RFC 5280 §7.1 if these texts are. Personal data: must not be logged. */
  get canonical(): string {
    return (this.canonicalOnce ??= this.relativeNames.join('/'));
  }
}

/** Reads the next value of `reader` as a Name. Throws `DerError`. */
export function readName(reader: DerReader): DistinguishedName {
  const start = reader.offset;
  checkName(reader.enter(tag.sequence));
  return new DistinguishedName(reader.bytes.subarray(start, reader.offset));
}

/**
 * As `readName`, for the issuer of a certificate: the certificates of a CA share one object, with its
 * canonical form. Subjects, which may be personal, are never kept.
 */
export function readIssuerName(reader: DerReader): DistinguishedName {
  for (const known of issuerNames) if (reader.skips(known.der)) return known;
  const { der } = readName(reader);
  if (der.length > longestIssuerName) return new DistinguishedName(der);
  // A copy: a view would keep the whole certificate in memory.
  const name = new DistinguishedName(new Uint8Array(der));
  issuerNames[nextIssuerName] = name;
  nextIssuerName = (nextIssuerName + 1) % keptIssuerNames;
  return name;
}

/** As `readName`, but returns `known` without parsing when the octets are equal. */
export const readNameAgain = (reader: DerReader, known: DistinguishedName): DistinguishedName =>
  reader.skips(known.der) ? known : readName(reader);

/** Two kinds of certificates and some authorities of other trust profiles; as a ring. */
const keptIssuerNames = 8;
const longestIssuerName = 1024;
const issuerNames: DistinguishedName[] = [];
let nextIssuerName = 0;

/** Reads exactly one Name. Throws `DerError`. */
export function parseName(der: Uint8Array): DistinguishedName {
  checkName(enterWhole(der));
  return new DistinguishedName(der);
}

/** Name comparison by RFC 5280 §7.1: the same RDNs in order, ignoring case, extra spaces and string type. */
export const sameName = (a: DistinguishedName, b: DistinguishedName): boolean =>
  a === b || sameBytes(a.der, b.der) || a.canonical === b.canonical;

/** RFC 5280 §4.2.1.10: the RDNs of the base are the first RDNs of the name. */
export function isWithinSubtree(name: DistinguishedName, base: DistinguishedName): boolean {
  const { relativeNames } = name;
  return base.relativeNames.every((rdn, index) => rdn === relativeNames[index]);
}

/**
 * As `isWithinSubtree`, but values that cannot be decoded (usually TeletexString) match any value of the
 * same attribute type. False only if the name is certainly outside the subtree.
 */
export function mayBeWithinSubtree(name: DistinguishedName, base: DistinguishedName): boolean {
  const { rdnOutlines } = name;
  return base.rdnOutlines.every((wanted, index) => {
    const found = rdnOutlines[index];
    if (found === undefined) return false;
    const isSame = base.relativeNames[index] === name.relativeNames[index];
    return isSame || ((wanted.isOpaque || found.isOpaque) && wanted.types === found.types);
  });
}

/** The part of an RDN that is known without decoding its values. */
interface RdnOutline {
  /** Attribute types, sorted. */
  readonly types: string;
  /** At least one value cannot be decoded as text. */
  readonly isOpaque: boolean;
}

/** Every value of one attribute type in order, as UTF-8 text; '' for a constructed value. */
export function attributeTexts(name: DistinguishedName, type: string): readonly string[] {
  const texts: string[] = [];
  const rdns = enterWhole(name.der);
  while (!rdns.atEnd) {
    const rdn = rdns.enter(tag.set);
    while (!rdn.atEnd) {
      const attribute = rdn.enter(tag.sequence);
      const isWanted = readOid(attribute) === type;
      const value = attribute.element();
      if (!isWanted) continue;
      const isConstructed = (value[0]! & 0x20) !== 0;
      texts.push(
        isConstructed ? '' : Buffer.from(new DerReader(value).content(-1)).toString('utf8'),
      );
    }
  }
  return texts;
}

/**
 * The canonical text of a RelativeDistinguishedName given by its content (one or more
 * AttributeTypeAndValue, DER), for names relative to a CRL issuer (RFC 5280 §4.2.1.13).
 */
export function canonicalRelativeName(content: DerReader): string {
  const attributes: string[] = [];
  while (!content.atEnd) {
    const attribute = content.enter(tag.sequence);
    const type = readOid(attribute);
    const value = canonicalAttributeValue(attribute.element());
    attribute.finish();
    // The length makes the text unambiguous for any value.
    attributes.push(`${type}=${value.length}:${value}`);
  }
  if (attributes.length === 0) throw new DerError('empty RDN');
  // X.501: an RDN is a set, so the order of its attributes is not significant.
  return attributes.length === 1 ? attributes[0]! : attributes.sort().join('+');
}

function canonicalRelativeNames(der: Uint8Array): readonly string[] {
  const rdns = enterWhole(der);
  const texts: string[] = [];
  while (!rdns.atEnd) texts.push(canonicalRelativeName(rdns.enter(tag.set)));
  return texts;
}

function rdnOutlinesIn(der: Uint8Array): readonly RdnOutline[] {
  const rdns = enterWhole(der);
  const names: RdnOutline[] = [];
  while (!rdns.atEnd) {
    const rdn = rdns.enter(tag.set);
    const types: string[] = [];
    const values: Uint8Array[] = [];
    while (!rdn.atEnd) {
      const attribute = rdn.enter(tag.sequence);
      types.push(readOid(attribute));
      values.push(attribute.element());
    }
    names.push({ types: types.sort().join(), isOpaque: values.some(isOpaque) });
  }
  return names;
}

/**
 * Checks that a character string conforms to its type (X.680 §41), so that all parsers read the same text.
 * PrintableString is not checked, because issued certificates often use characters outside its alphabet.
 */
function checkString(identifier: number, bytes: Uint8Array, start: number, end: number): void {
  // Attribute values have universal types.
  if (identifier >= 0x40) throw new DerError('attribute value without a universal tag');
  // X.690 §8.1.5 reserves tag 0; by §8.9, §8.11 and §10.2 only sequences and sets are constructed.
  const isConstructed = (identifier & 0x20) !== 0;
  const holdsValues = (identifier | 0x20) === tag.sequence || (identifier | 0x20) === tag.set;
  if (identifier === 0 || isConstructed !== holdsValues) {
    throw new DerError('attribute value with an invalid tag');
  }
  const width = end - start;
  switch (identifier) {
    case tag.utf8String:
      if (!isUtf8(bytes, start, end)) throw new DerError('UTF8String is not UTF-8');
      break;
    case tag.ia5String:
      if (!isAscii(bytes, start, end)) throw new DerError('IA5String with octets outside ASCII');
      break;
    case tag.numericString:
      for (let i = start; i < end; i++) {
        const octet = bytes[i]!;
        if (octet !== 0x20 && (octet < 0x30 || octet > 0x39)) {
          throw new DerError('NumericString with characters other than digits and space');
        }
      }
      break;
    case tag.bmpString:
      if (width % 2 !== 0) throw new DerError('BMPString with an odd number of octets');
      break;
    case tag.universalString:
      if (width % 4 !== 0) throw new DerError('UniversalString length is not a multiple of 4');
      break;
  }
}

/** RDNSequence of SETs of { type OID, value }, each RDN with at least one attribute. */
function checkName(rdns: DerReader): void {
  while (!rdns.atEnd) {
    const rdn = rdns.enter(tag.set);
    if (rdn.atEnd) throw new DerError('empty RDN');
    while (!rdn.atEnd) {
      const attribute = rdn.enter(tag.sequence);
      readOid(attribute);
      const identifier = attribute.peek();
      const start = attribute.enterRange(-1);
      checkString(identifier, rdns.bytes, start, attribute.offset);
      attribute.finish();
    }
  }
}
