import { MyKeyError } from '../../errors.ts';
import {
  revocationReasons,
  type RevocationReason,
} from '../../pki/revocation/revocation-status.ts';

/**
 * A page: one octet of version and flags, then entries up to its end. An entry is
 *
 *     tag      (serial length − 1) × 12 + reason
 *     serial   1 to 21 octets: up to 20, plus a leading zero octet if the first bit is set
 *     date     4 octets, seconds since 1950 (to the year 2086)
 *
 * With the wide tag (reason 7, which CRLReason does not use), a reason octet and 6 octets of seconds since
 * the year 0 replace the date. Numbers are big-endian; one of the two forms holds any CRL time exactly.
 */
export const pageVersion = 1;
/** Flag: the page overflowed into a further part. */
export const continued = 0x80;

/** Maximum octets of an entry. */
export const entryOctets = 1 + 21 + 7;

const wide = 7;
const since1950 = 631_152_000;
const sinceYear0 = 62_167_219_200;

/** Writes an entry at `at`; returns its end. */
export function writeEntry(
  page: Uint8Array,
  at: number,
  bytes: Uint8Array,
  serialStart: number,
  serialLength: number,
  seconds: number,
  reason: number,
): number {
  const date = seconds + since1950;
  const isWide = date < 0 || date > 0xffff_ffff;
  page[at++] = (serialLength - 1) * 12 + (isWide ? wide : reason);
  for (let i = 0; i < serialLength; i++) page[at++] = bytes[serialStart + i]!;
  let low = date;
  if (isWide) {
    page[at++] = reason;
    const wideDate = seconds + sinceYear0;
    const high = Math.floor(wideDate / 4_294_967_296);
    page[at++] = high >>> 8;
    page[at++] = high;
    low = wideDate % 4_294_967_296;
  }
  page[at++] = low >>> 24;
  page[at++] = low >>> 16;
  page[at++] = low >>> 8;
  page[at++] = low;
  return at;
}

/** tag → octets of the serial, and of the whole entry; 0 for the undefined tags from 252. */
const serialOctets = new Uint8Array(256);
const wholeOctets = new Uint8Array(256);
for (let tag = 0; tag < 252; tag++) {
  serialOctets[tag] = Math.floor(tag / 12) + 1;
  wholeOctets[tag] = 1 + serialOctets[tag]! + (tag % 12 === wide ? 7 : 4);
}
export const serialOctetsOf = (tag: number): number => serialOctets[tag]!;
export const entryOctetsOf = (tag: number): number => wholeOctets[tag]!;

/** Offset of the serial's first entry at or after `from`, the offset of an entry; -1 if there is none. */
export function findEntry(
  page: Uint8Array,
  serial: Uint8Array,
  start = 0,
  length = serial.length,
  from = 1,
): number {
  const end = page.length;
  const first = serial[start]!;
  const last = serial[start + length - 1]!;
  for (let at = from; at < end;) {
    const tag = page[at]!;
    if (
      serialOctets[tag] === length &&
      page[at + length] === last &&
      page[at + 1] === first &&
      equal(page, at + 1, serial, start, length)
    ) {
      return at;
    }
    const octets = wholeOctets[tag]!;
    if (octets === 0) throw damaged();
    at += octets;
  }
  return -1;
}

function equal(
  page: Uint8Array,
  at: number,
  serial: Uint8Array,
  start: number,
  length: number,
): boolean {
  for (let i = 1; i < length; i++) if (page[at + i] !== serial[start + i]) return false;
  return true;
}

export interface PageEntry {
  readonly serial: Uint8Array;
  /** Seconds since 1970. */
  readonly seconds: number;
  /** CRLReason. */
  readonly reason: number;
}

/** The entry that begins at `at`. */
export function readEntry(page: Uint8Array, at: number): PageEntry {
  const tag = page[at]!;
  const length = serialOctets[tag]!;
  let date = at + 1 + length;
  if (length === 0 || at + wholeOctets[tag]! > page.length) throw damaged();
  const serial = page.subarray(at + 1, date);
  const code = tag % 12;
  if (code !== wide) return { serial, seconds: readUint32(page, date) - since1950, reason: code };
  const reason = page[date++]!;
  const high = page[date]! * 256 + page[date + 1]!;
  return {
    serial,
    seconds: high * 4_294_967_296 + readUint32(page, date + 2) - sinceYear0,
    reason,
  };
}

/** Every entry of a page, in order. */
export function* entriesOfPage(page: Uint8Array): Generator<PageEntry> {
  checkPage(page);
  for (let at = 1; at < page.length; at += wholeOctets[page[at]!]!) yield readEntry(page, at);
}

/** Throws `dependency-unavailable` unless the octets are a page of this version. */
export function checkPage(page: Uint8Array): void {
  if (page.length === 0 || (page[0]! & 0x7f) !== pageVersion) throw damaged();
}

export const isContinued = (page: Uint8Array): boolean => (page[0]! & continued) !== 0;

export function reasonName(reason: number): RevocationReason {
  const name = (revocationReasons as Readonly<Record<number, RevocationReason>>)[reason];
  if (name === undefined) throw damaged();
  return name;
}

const readUint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

const damaged = (): MyKeyError =>
  new MyKeyError('dependency-unavailable', 'a revocation page is damaged');
