import { DerError, DerReader, enterWhole, tag } from './der.ts';
import { canonicalAttributeValue, isAscii, isOpaque, isUtf8 } from './name-string-preparation.ts';
import { sameBytes } from './octets.ts';
import { readOid } from './object-identifier.ts';

/**
 * A Name (RFC 5280 §4.1.2.4), checked for structure when it is read. Its canonical form is made when
 * a comparison first needs it: names that are alike octet by octet never do.
 */
export class DistinguishedName {
  /** The whole Name, a view. */
  readonly der: Uint8Array;
  private relativeNamesOnce: readonly string[] | undefined;
  private canonicalOnce: string | undefined;
  private looseNamesOnce: readonly LooseName[] | undefined;

  /** `der` is a Name that `readName` or `parseName` has checked. */
  constructor(der: Uint8Array) {
    this.der = der;
  }

  get isEmpty(): boolean {
    return this.der.length === 2;
  }

  /** One canonical text for each RDN, in order: equal texts are equal RDNs under RFC 5280 §7.1. */
  get relativeNames(): readonly string[] {
    return (this.relativeNamesOnce ??= canonicalRelativeNames(this.der));
  }

  /** For each RDN, in order. */
  get looseNames(): readonly LooseName[] {
    return (this.looseNamesOnce ??= looseNamesIn(this.der));
  }

  /** Equal texts are equal names under RFC 5280 §7.1. Personal data: never logged. */
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

/** Reads exactly one Name. Throws `DerError`. */
export function parseName(der: Uint8Array): DistinguishedName {
  checkName(enterWhole(der));
  return new DistinguishedName(der);
}

/** RFC 5280 §7.1: the same RDNs in the same order; case, white space and string type do not count. */
export const sameName = (a: DistinguishedName, b: DistinguishedName): boolean =>
  sameBytes(a.der, b.der) || a.canonical === b.canonical;

/** RFC 5280 §4.2.1.10: the subtree's RDNs are an initial sequence of the name's. */
export function isWithinSubtree(name: DistinguishedName, base: DistinguishedName): boolean {
  const { relativeNames } = name;
  return base.relativeNames.every((rdn, index) => rdn === relativeNames[index]);
}

/**
 * The same where values that cannot be decoded (TeletexString, in practice) may mean anything: false
 * only where no reading of them puts the name within the subtree.
 */
export function mayBeWithinSubtree(name: DistinguishedName, base: DistinguishedName): boolean {
  const { looseNames } = name;
  return base.looseNames.every((wanted, index) => {
    const found = looseNames[index];
    if (found === undefined) return false;
    const isSame = base.relativeNames[index] === name.relativeNames[index];
    return isSame || ((wanted.isOpaque || found.isOpaque) && wanted.types === found.types);
  });
}

/** What is certain of an RDN. */
interface LooseName {
  /** Attribute types, sorted. */
  readonly types: string;
  /** A value among its own cannot be decoded as text. */
  readonly isOpaque: boolean;
}

/** Every value of one attribute type, in order: its octets as text, or '' where it is no string at all. */
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
    // The length keeps the text unambiguous whatever characters a value holds.
    attributes.push(`${type}=${value.length}:${value}`);
  }
  if (attributes.length === 0) throw new DerError('empty RDN');
  // X.501: an RDN is a set; its order carries no meaning.
  return attributes.length === 1 ? attributes[0]! : attributes.sort().join('+');
}

function canonicalRelativeNames(der: Uint8Array): readonly string[] {
  const rdns = enterWhole(der);
  const texts: string[] = [];
  while (!rdns.atEnd) texts.push(canonicalRelativeName(rdns.enter(tag.set)));
  return texts;
}

function looseNamesIn(der: Uint8Array): readonly LooseName[] {
  const rdns = enterWhole(der);
  const names: LooseName[] = [];
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
 * A character string holds what its type can (X.680 §41): nothing is compared, shown or written to a
 * new certificate that two readers would read differently. PrintableString is left to issuers, who
 * have always put more into it than its alphabet.
 */
function checkString(identifier: number, bytes: Uint8Array, start: number, end: number): void {
  // Attribute values are of universal types; a context tag has no meaning here.
  if (identifier >= 0x40) throw new DerError('attribute value of no universal type');
  // X.690 §8.1.5 reserves tag 0; by §8.9, §8.11 and §10.2 sequences and sets alone are constructed.
  const isConstructed = (identifier & 0x20) !== 0;
  const holdsValues = (identifier | 0x20) === tag.sequence || (identifier | 0x20) === tag.set;
  if (identifier === 0 || isConstructed !== holdsValues) {
    throw new DerError('attribute value of no such form');
  }
  const width = end - start;
  switch (identifier) {
    case tag.utf8String:
      if (!isUtf8(bytes, start, end)) throw new DerError('UTF8String is not UTF-8');
      break;
    case tag.ia5String:
      if (!isAscii(bytes, start, end)) throw new DerError('IA5String beyond ASCII');
      break;
    case tag.numericString:
      for (let i = start; i < end; i++) {
        const octet = bytes[i]!;
        if (octet !== 0x20 && (octet < 0x30 || octet > 0x39)) {
          throw new DerError('NumericString beyond digits');
        }
      }
      break;
    case tag.bmpString:
      if (width % 2 !== 0) throw new DerError('BMPString of half a character');
      break;
    case tag.universalString:
      if (width % 4 !== 0) throw new DerError('UniversalString of part of a character');
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
