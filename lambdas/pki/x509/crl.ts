import { engineLimits } from '../limits.ts';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier.ts';
import {
  contextConstructed,
  contextPrimitive,
  DerError,
  DerReader,
  enterWhole,
  tag,
} from './der.ts';
import {
  decodeDistributionPoints,
  readDistributionPointName,
  type DistributionPoint,
  type DistributionPointName,
} from './distribution-point.ts';
import {
  type AuthorityKeyIdentifier,
  decodeAuthorityKeyIdentifier,
  type Extension,
  readExtensions,
} from './extensions.ts';
import { decodeGeneralNames } from './general-name.ts';
import { type DistinguishedName, readName } from './name.ts';
import { sameBytes } from './octets.ts';
import { revocationReasons, type RevocationReason } from '../revocation/revocation-status.ts';

/** The fields of a TBSCertList before its entries (RFC 5280 §5.1.2). Times in ms since 1970. */
export interface CrlHeader {
  /** 1 or 2. */
  readonly version: number;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly issuer: DistinguishedName;
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
}

/** The crlExtensions that this engine processes (RFC 5280 §5.2); others matter only when critical. */
export interface CrlExtensions {
  readonly crlNumber: bigint | undefined;
  /** BaseCRLNumber; present if and only if this is a delta CRL. */
  readonly deltaBase: bigint | undefined;
  readonly issuingDistributionPoint: IssuingDistributionPoint | undefined;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  readonly freshestCrl: readonly DistributionPoint[] | undefined;
  /** OIDs of every critical extension. */
  readonly critical: readonly string[];
  /** Critical extensions that this engine does not process; such a CRL must not be used. */
  readonly unknownCritical: readonly string[];
}

export interface IssuingDistributionPoint {
  /** Value of the extension, compared by octets: a delta CRL has the scope of its base (§5.2.4). */
  readonly der: Uint8Array;
  readonly name: DistributionPointName | undefined;
  readonly onlyUserCertificates: boolean;
  readonly onlyCaCertificates: boolean;
  /** ReasonFlags, bit n for reason n; undefined means all. */
  readonly onlySomeReasons: number | undefined;
  readonly indirectCrl: boolean;
  readonly onlyAttributeCertificates: boolean;
}

/** Decoded crlEntryExtensions (RFC 5280 §5.3). */
export interface CrlEntryExtensions {
  /** `unspecified` when the extension is absent. */
  readonly reason: RevocationReason;
  /** Milliseconds since 1970. */
  readonly invalidityDate: number | undefined;
  /** certificateIssuer of an indirect CRL, which also applies to the following entries. */
  readonly certificateIssuer: readonly DistinguishedName[] | undefined;
  readonly unknownCritical: readonly string[];
}

export interface CrlEntry extends CrlEntryExtensions {
  /** Content octets of the serial INTEGER. */
  readonly serial: Uint8Array;
  /** Milliseconds since 1970. */
  readonly revokedAt: number;
}

/** A whole CRL in memory. Entries remain DER; `entriesOf` decodes them. */
export interface Crl extends CrlHeader {
  readonly der: Uint8Array;
  /** The bytes that the issuer signed. */
  readonly tbs: Uint8Array;
  /** signatureAlgorithm; parsing throws unless it equals the signature field of the TBSCertList (§5.1.1.2). */
  readonly outerAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  /** Content of revokedCertificates; empty when nothing is revoked. */
  readonly revoked: Uint8Array;
  readonly entryCount: number;
  readonly extensions: CrlExtensions;
  /** OIDs of unknown critical entry extensions; with any, the whole CRL must not be used (§5.3). */
  readonly unknownCriticalInEntries: readonly string[];
  /** Some entry has certificateIssuer, which only an indirect CRL may have (§5.3.3). */
  readonly namesCertificateIssuers: boolean;
}

/** Parses a whole CRL. Throws `DerError` with code `crl-malformed` or `crl-too-large`. */
export function parseCrl(der: Uint8Array): Crl {
  if (der.length > engineLimits.crlOctets) throw new DerError('CRL above 64 MiB', 'crl-too-large');
  const list = asMalformedCrl(() => {
    const outer = enterWhole(der);
    const tbs = outer.element(tag.sequence);
    const outerAlgorithm = readAlgorithmIdentifier(outer);
    const signature = outer.octetAlignedBits();
    outer.finish();
    const fields = enterWhole(tbs);
    const header = readCrlHeader(fields);
    if (!sameBytes(header.signatureAlgorithm.der, outerAlgorithm.der)) {
      throw new DerError('signature algorithms differ');
    }
    const entries = fields.enterOptional(tag.sequence);
    const revoked = entries
      ? entries.bytes.subarray(entries.offset, entries.end)
      : new Uint8Array(0);
    const extensions = readCrlExtensions(fields, header.version);
    const entryFacts = checkEntries(revoked, header.version);
    return {
      ...header,
      der,
      tbs,
      outerAlgorithm,
      signature,
      revoked,
      extensions,
      ...entryFacts,
    };
  });
  // Names are compared before the signature is verified, and string preparation of a long name is slow.
  if (list.tbs.length - list.revoked.length > engineLimits.crlOctetsWithoutEntries) {
    throw new DerError('the fields before and after the entries are too long', 'crl-too-large');
  }
  return list;
}

/**
 * Reads the fields before the entries from `fields`, a reader over the content of the TBSCertList. Its
 * next value is then revokedCertificates or `[0]`, or it is at the end.
 */
export function readCrlHeader(fields: DerReader): CrlHeader {
  let version = 1;
  if (fields.peek() === tag.integer) {
    // RFC 5280 §5.1.2.1: when present, it is v2 (1).
    if (fields.smallInteger() !== 1) throw new DerError('CRL version is not v2');
    version = 2;
  }
  const signatureAlgorithm = readAlgorithmIdentifier(fields);
  const issuer = readName(fields);
  const thisUpdate = fields.time();
  const next = fields.peek();
  const nextUpdate =
    next === tag.utcTime || next === tag.generalizedTime ? fields.time() : undefined;
  return { version, signatureAlgorithm, issuer, thisUpdate, nextUpdate };
}

const noExtensions: CrlExtensions = {
  crlNumber: undefined,
  deltaBase: undefined,
  issuingDistributionPoint: undefined,
  authorityKeyIdentifier: undefined,
  freshestCrl: undefined,
  critical: [],
  unknownCritical: [],
};

/** Reads `crlExtensions [0]` after the entries, to the end of the TBSCertList. */
export function readCrlExtensions(fields: DerReader, version: number): CrlExtensions {
  const wrapper = fields.enterOptional(contextConstructed(0));
  fields.finish();
  if (!wrapper) return noExtensions;
  // RFC 5280 §5.1.2.7: extensions only on version 2.
  if (version !== 2) throw new DerError('extensions on a version 1 CRL');
  const extensions = wrapper.element(tag.sequence);
  wrapper.finish();
  return decodeCrlExtensions(extensions);
}

/** Decodes the crlExtensions of a CRL; `sequence` is the DER of Extensions. Throws `DerError`. */
export function decodeCrlExtensions(sequence: Uint8Array): CrlExtensions {
  const decoded: { -readonly [K in keyof CrlExtensions]: CrlExtensions[K] } = { ...noExtensions };
  const allCritical: string[] = [];
  const unknownCritical: string[] = [];
  for (const { id, critical, value } of extensionsIn(sequence)) {
    if (critical) allCritical.push(id);
    if (id === '2.5.29.20') decoded.crlNumber = decodeNumber(value);
    else if (id === '2.5.29.27') decoded.deltaBase = decodeNumber(value);
    else if (id === '2.5.29.28') decoded.issuingDistributionPoint = decodeIssuingPoint(value);
    else if (id === '2.5.29.35')
      decoded.authorityKeyIdentifier = decodeAuthorityKeyIdentifier(value);
    else if (id === '2.5.29.46') decoded.freshestCrl = decodeDistributionPoints(value);
    else if (critical) unknownCritical.push(id);
  }
  decoded.critical = allCritical;
  decoded.unknownCritical = unknownCritical;
  return decoded;
}

/** Decodes the crlEntryExtensions of an entry; `sequence` is the DER of Extensions. Throws `DerError`. */
export function decodeEntryExtensions(sequence: Uint8Array): CrlEntryExtensions {
  // Fast path: nearly every entry has only a reasonCode.
  if (sequence.length === soleReason.length + 1 && startsWith(sequence, soleReason)) {
    return { ...bareEntry, reason: reasonByNumber(sequence[soleReason.length]!) };
  }
  let reason: RevocationReason = 'unspecified';
  let invalidityDate: number | undefined;
  let certificateIssuer: readonly DistinguishedName[] | undefined;
  const unknownCritical: string[] = [];
  for (const { id, critical, value } of extensionsIn(sequence)) {
    if (id === '2.5.29.21') reason = decodeReason(value);
    else if (id === '2.5.29.24') invalidityDate = wholeValue(value, (r) => r.generalizedTime());
    else if (id === '2.5.29.29') certificateIssuer = decodeCertificateIssuer(value);
    else if (critical) unknownCritical.push(id);
  }
  return { reason, invalidityDate, certificateIssuer, unknownCritical };
}

/** The entries in order. Throws `DerError`, but not for a CRL that `parseCrl` returned. */
export function* entriesOf(crl: Pick<Crl, 'revoked' | 'version'>): Generator<CrlEntry> {
  const entries = new DerReader(crl.revoked);
  while (!entries.atEnd) yield readEntry(entries, crl.version);
}

/**
 * The entries with one serial number, in order; other entries are skipped without decoding. Not for
 * indirect CRLs, where certificateIssuer of a preceding entry applies.
 */
export function* entriesWithSerial(
  crl: Pick<Crl, 'revoked' | 'version'>,
  serial: Uint8Array,
): Generator<CrlEntry> {
  const { revoked, version } = crl;
  // The comparison below reads a length of one octet.
  if (serial.length > 127) throw new DerError('serial number is too long');
  const entries = new DerReader(revoked);
  while (!entries.atEnd) {
    const start = entries.offset;
    const content = entries.enterRange(tag.sequence);
    if (revoked[content + 1] !== serial.length) continue;
    let same = 0;
    while (same < serial.length && revoked[content + 2 + same] === serial[same]) same++;
    if (same === serial.length) yield readEntry(new DerReader(revoked, start), version);
  }
}

const bareEntry: CrlEntryExtensions = {
  reason: 'unspecified',
  invalidityDate: undefined,
  certificateIssuer: undefined,
  unknownCritical: [],
};

/** DER of `SEQUENCE { SEQUENCE { reasonCode, OCTET STRING { ENUMERATED` up to the reason itself. */
const soleReason = Buffer.from('300c300a0603551d1504030a01', 'hex');

function readEntry(entries: DerReader, version: number): CrlEntry {
  const entry = entries.enter(tag.sequence);
  const serial = entry.integerBytes();
  const revokedAt = entry.time();
  if (entry.atEnd) return entryOf(serial, revokedAt, bareEntry);
  if (version !== 2) throw new DerError('entry extensions on a version 1 CRL');
  const extensions = entry.element(tag.sequence);
  entry.finish();
  return entryOf(serial, revokedAt, decodeEntryExtensions(extensions));
}

const entryOf = (
  serial: Uint8Array,
  revokedAt: number,
  { reason, invalidityDate, certificateIssuer, unknownCritical }: CrlEntryExtensions,
): CrlEntry => ({
  serial,
  revokedAt,
  reason,
  invalidityDate,
  certificateIssuer,
  unknownCritical,
});

function checkEntries(
  revoked: Uint8Array,
  version: number,
): Pick<Crl, 'entryCount' | 'unknownCriticalInEntries' | 'namesCertificateIssuers'> {
  let entryCount = 0;
  let namesCertificateIssuers = false;
  const unknownCritical = new Set<string>();
  for (const entry of entriesOf({ revoked, version })) {
    entryCount++;
    if (entry.certificateIssuer) namesCertificateIssuers = true;
    for (const id of entry.unknownCritical) unknownCritical.add(id);
  }
  return { entryCount, unknownCriticalInEntries: [...unknownCritical], namesCertificateIssuers };
}

/** CRLReason by number; 7 and numbers above 10 are not defined (RFC 5280 §5.3.1). */
export function reasonByNumber(number: number): RevocationReason {
  const reason = (revocationReasons as Readonly<Record<number, RevocationReason>>)[number];
  if (reason === undefined) throw new DerError('undefined CRLReason');
  return reason;
}

function decodeReason(value: Uint8Array): RevocationReason {
  const content = wholeValue(value, (reader) => reader.content(tag.enumerated));
  if (content.length !== 1) throw new DerError('undefined CRLReason');
  return reasonByNumber(content[0]!);
}

function decodeCertificateIssuer(value: Uint8Array): readonly DistinguishedName[] {
  const names = decodeGeneralNames(enterWhole(value)).flatMap((name) =>
    name.form === 'directoryName' ? [name.name] : [],
  );
  if (names.length === 0) throw new DerError('certificateIssuer without a directoryName');
  return names;
}

function decodeNumber(value: Uint8Array): bigint {
  const octets = wholeValue(value, (reader) => reader.integerBytes());
  if (octets[0]! >= 0x80) throw new DerError('negative CRL number');
  if (octets.length > engineLimits.crlNumberOctets + (octets[0] === 0 ? 1 : 0)) {
    throw new DerError('CRL number above 20 octets');
  }
  return BigInt(`0x${Buffer.from(octets).toString('hex')}`);
}

function decodeIssuingPoint(value: Uint8Array): IssuingDistributionPoint {
  const fields = enterWhole(value);
  // RFC 5280 §5.2.5: the extension MUST NOT be an empty sequence.
  if (fields.atEnd) throw new DerError('empty issuing distribution point');
  const name = fields.enterOptional(contextConstructed(0));
  const flag = (n: number): boolean => {
    if (fields.peek() !== contextPrimitive(n)) return false;
    // X.690 §11.5: a value equal to its DEFAULT is not encoded.
    if (!fields.boolean(contextPrimitive(n))) throw new DerError('default must not be encoded');
    return true;
  };
  const point: IssuingDistributionPoint = {
    der: value,
    name: name && readDistributionPointName(name),
    onlyUserCertificates: flag(1),
    onlyCaCertificates: flag(2),
    onlySomeReasons:
      fields.peek() === contextPrimitive(3)
        ? fields.namedBits(contextPrimitive(3)).bits
        : undefined,
    indirectCrl: flag(4),
    onlyAttributeCertificates: flag(5),
  };
  fields.finish();
  const only = [
    point.onlyUserCertificates,
    point.onlyCaCertificates,
    point.onlyAttributeCertificates,
  ].filter(Boolean).length;
  // RFC 5280 §5.2.5: at most one of the three may be TRUE.
  if (only > 1)
    throw new DerError('issuing distribution point with more than one onlyContains flag');
  return point;
}

/** Extensions in order; a repeated OID throws (RFC 5280 §4.2). */
function* extensionsIn(sequence: Uint8Array): Generator<Extension> {
  const seen = new Set<string>();
  for (const extension of readExtensions(new DerReader(sequence))) {
    if (seen.has(extension.id)) throw new DerError('an extension occurs twice');
    seen.add(extension.id);
    yield extension;
  }
}

function startsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  for (let i = 0; i < beginning.length; i++) if (bytes[i] !== beginning[i]) return false;
  return true;
}

function wholeValue<T>(value: Uint8Array, read: (reader: DerReader) => T): T {
  const reader = new DerReader(value);
  const result = read(reader);
  reader.finish();
  return result;
}

function asMalformedCrl<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DerError) throw new DerError(error.message, 'crl-malformed');
    throw error;
  }
}
