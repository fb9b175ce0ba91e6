import { revocationReasons } from '../revocation/revocation-status.ts';
import { decodeEntryExtensions } from './crl.ts';
import { DerError, DerReader, tag } from './der.ts';

/** One entry of revokedCertificates; the serial number is a range of the parsed octets. */
export interface ScannedEntry {
  readonly serialStart: number;
  readonly serialLength: number;
  /** Seconds since 1970. */
  readonly seconds: number;
  /** CRLReason; 0 (unspecified) if absent (RFC 5280 §5.3.1). */
  readonly reason: number;
}

const malformed = (message: string): DerError => new DerError(message, 'crl-malformed');

/** RFC 5280 §4.1.2.2: at most 20 octets; a positive number may need a leading zero octet in addition. */
const fitsSerial = (octets: Uint8Array): boolean =>
  octets.length <= 20 || (octets.length === 21 && octets[0] === 0);

/** Reads a CRL entry of any valid form (RFC 5280 §5.1.2.6, §5.3). */
export function readCrlEntry(
  bytes: Uint8Array,
  from: number,
  end: number,
  version: number,
): ScannedEntry {
  const entry = new DerReader(bytes, from, end).enter(tag.sequence);
  const serial = entry.integerBytes();
  if (!fitsSerial(serial)) throw malformed('a serial is longer than 20 octets');
  const serialStart = serial.byteOffset - bytes.byteOffset;
  const seconds = entry.time() / 1000;
  let reason = 0;
  if (!entry.atEnd) {
    if (version === 1) throw malformed('entry extensions on a version 1 CRL');
    reason = readReason(entry.element(tag.sequence));
  }
  entry.finish();
  return { serialStart, serialLength: serial.length, seconds, reason };
}

/** Returns the CRLReason. Throws `crl-extension-unsupported` for certificateIssuer (indirect CRLs). */
function readReason(extensions: Uint8Array): number {
  const { reason, certificateIssuer, unknownCritical } = decodeEntryExtensions(extensions);
  if (certificateIssuer) {
    throw new DerError('indirect CRLs are not supported', 'crl-extension-unsupported');
  }
  if (unknownCritical.length > 0) {
    // RFC 5280 §5.3: an unrecognized critical entry extension forbids using the list.
    throw new DerError('unknown critical entry extension', 'crl-extension-unsupported');
  }
  return reasonNumbers.get(reason)!;
}

const reasonNumbers = new Map(
  Object.entries(revocationReasons).map(([number, name]) => [name, Number(number)]),
);

/** Two ASCII digits as a big-endian 16-bit number → 0..99; 255 for anything else. */
const twoDigits = new Uint8Array(65_536).fill(255);
for (let n = 0; n < 100; n++) twoDigits[((0x30 + Math.floor(n / 10)) << 8) | (0x30 + (n % 10))] = n;

/** `(yy * 13 + month) * 32 + day` → days since 1970, with RFC 5280's 50..99 as 19YY. */
const noSuchDay = -(2 ** 31);
const days = new Int32Array(100 * 13 * 32).fill(noSuchDay);
for (let yy = 0; yy < 100; yy++) {
  for (let month = 1; month <= 12; month++) {
    const year = yy >= 50 ? 1900 + yy : 2000 + yy;
    const inMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
    for (let day = 1; day <= inMonth; day++) {
      days[(yy * 13 + month) * 32 + day] = Date.UTC(year, month - 1, day) / 86_400_000;
    }
  }
}

/** Seconds since 1970 of YYMMDDHHMMSSZ at `at`, or NaN when it is no such time. */
export function secondsOfUtcTime(bytes: Uint8Array, at: number): number {
  const year = twoDigits[(bytes[at]! << 8) | bytes[at + 1]!]!;
  const month = twoDigits[(bytes[at + 2]! << 8) | bytes[at + 3]!]!;
  const day = twoDigits[(bytes[at + 4]! << 8) | bytes[at + 5]!]!;
  const hour = twoDigits[(bytes[at + 6]! << 8) | bytes[at + 7]!]!;
  const minute = twoDigits[(bytes[at + 8]! << 8) | bytes[at + 9]!]!;
  const second = twoDigits[(bytes[at + 10]! << 8) | bytes[at + 11]!]!;
  if (
    year > 99 ||
    month > 12 ||
    day > 31 ||
    hour > 23 ||
    minute > 59 ||
    second > 59 ||
    bytes[at + 12] !== 0x5a
  ) {
    return Number.NaN;
  }
  const date = days[(year * 13 + month) * 32 + day]!;
  return date === noSuchDay ? Number.NaN : date * 86_400 + (hour * 60 + minute) * 60 + second;
}
