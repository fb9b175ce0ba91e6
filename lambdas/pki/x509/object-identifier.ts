import { DerError, type DerReader, decodeOid, tag } from './der.ts';

/**
 * Object identifiers that are frequent in certificates, CRLs and OCSP responses. They are found by a table
 * look-up; any other identifier is decoded.
 */
const wellKnown = [
  // attribute types outside X.520 (RFC 4519, PKCS #9)
  '0.9.2342.19200300.100.1.25',
  '1.2.840.113549.1.9.1',
  // values in extensions, and PKIX extensions
  '2.5.29.32.0',
  '2.5.29.37.0',
  '1.3.6.1.5.5.7.1.1',
  '1.3.6.1.5.5.7.1.11',
  // access methods, key purposes, OCSP
  ...[1, 2, 3, 4, 8, 9].map((arc) => `1.3.6.1.5.5.7.3.${arc}`),
  ...[1, 2].map((arc) => `1.3.6.1.5.5.7.48.${arc}`),
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((arc) => `1.3.6.1.5.5.7.48.1.${arc}`),
  // keys, signatures, digests
  ...[1, 4, 5, 8, 10, 11, 12, 13, 14].map((arc) => `1.2.840.113549.1.1.${arc}`),
  '1.2.840.10045.2.1',
  '1.2.840.10045.3.1.7',
  '1.2.840.10045.4.1',
  ...[1, 2, 3, 4].map((arc) => `1.2.840.10045.4.3.${arc}`),
  ...[112, 113].map((arc) => `1.3.101.${arc}`),
  ...[34, 35].map((arc) => `1.3.132.0.${arc}`),
  ...[1, 3].map((arc) => `1.2.840.10040.4.${arc}`),
  '1.3.14.3.2.26',
  ...[1, 2, 3, 4].map((arc) => `2.16.840.1.101.3.4.2.${arc}`),
  // JPKI: certificate policies and the four attributes
  ...['1.3.30', '1.1.20', '1.0.20'].map((arcs) => `1.2.392.200149.8.5.${arcs}`),
  ...[1, 2, 3, 4, 5, 6].map((arc) => `1.2.392.200149.8.5.5.${arc}`),
];

interface KnownIdentifier {
  readonly octets: Uint8Array;
  readonly dotted: string;
}

const table = new Map<number, KnownIdentifier[]>();
for (const dotted of wellKnown) {
  const octets = encodeOid(dotted);
  const key = digest(octets, 0, octets.length);
  table.set(key, [...(table.get(key) ?? []), { octets, dotted }]);
}

const attributeTypes = Array.from({ length: 0x80 }, (_, arc) => `2.5.4.${arc}`);
const extensionTypes = Array.from({ length: 0x80 }, (_, arc) => `2.5.29.${arc}`);

/** Reads an OBJECT IDENTIFIER, dotted decimal. */
export function readOid(reader: DerReader, expected: number = tag.oid): string {
  const start = reader.enterRange(expected);
  const { bytes, offset: end } = reader;
  // Fast path for attribute types (2.5.4.N) and extensions (2.5.29.N), the most frequent identifiers.
  if (end - start === 3 && bytes[start] === 0x55 && bytes[start + 2]! < 0x80) {
    if (bytes[start + 1] === 0x1d) return extensionTypes[bytes[start + 2]!]!;
    if (bytes[start + 1] === 0x04) return attributeTypes[bytes[start + 2]!]!;
  }
  const candidates = table.get(digest(bytes, start, end));
  if (candidates !== undefined) {
    for (const { octets, dotted } of candidates) {
      if (sameOctets(octets, bytes, start, end)) return dotted;
    }
  }
  return decodeOid(bytes.subarray(start, end));
}

/** The content octets of a dotted-decimal identifier (X.690 §8.19). */
export function encodeOid(dotted: string): Uint8Array {
  if (!/^[0-2](\.(0|[1-9]\d{0,14})){1,32}$/.test(dotted)) throw new DerError('not an OID');
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const base128 = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      base128.unshift((left % 128) | 0x80);
    }
    octets.push(...base128);
  }
  return Uint8Array.from(octets);
}

function digest(bytes: Uint8Array, start: number, end: number): number {
  let value = end - start;
  for (let i = start; i < end; i++) value = (Math.imul(value, 31) + bytes[i]!) | 0;
  return value;
}

function sameOctets(octets: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (octets.length !== end - start) return false;
  for (let i = 0; i < octets.length; i++) if (octets[i] !== bytes[start + i]) return false;
  return true;
}
