import { engineLimits } from '../limits.ts';
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { PkiErrorCode } from '../pki-error.ts';
import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import { parseAlgorithmIdentifier, type AlgorithmIdentifier } from './algorithm-identifier.ts';
import { enterWhole, tag } from './der.ts';
import { sameBytes, toBase64 } from './octets.ts';
import { RecentlyUsed } from './recently-used.ts';
import { type PssScheme, pssSchemeOf } from './signature-scheme.ts';
import { withoutStackTraces } from './without-stack-traces.ts';

/** A SubjectPublicKeyInfo; the key is imported when a signature is verified. */
export interface SubjectPublicKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly keyAlgorithm: AlgorithmIdentifier;
  /** The subjectPublicKey bits. */
  readonly keyBits: Uint8Array;
  /** Cache of `shapeOf`. */
  shape?: KeyShape | undefined;
}

export type Curve = 'P-256' | 'P-384' | 'P-521';

/** Type and size of a key, read from the DER without importing the key. */
export type KeyShape =
  /** `restriction`: the parameters of an id-RSASSA-PSS key (RFC 4055 §3.3). */
  | { readonly type: 'rsa'; readonly bits: number; readonly restriction?: PssScheme }
  | { readonly type: 'ec'; readonly curve: Curve }
  | { readonly type: 'ed25519' }
  | { readonly type: 'dsa'; readonly bits: number };

/** Reads a bare SubjectPublicKeyInfo. Throws `DerError`. */
export function parseSubjectPublicKey(spki: Uint8Array): SubjectPublicKey {
  const fields = enterWhole(spki);
  const keyAlgorithm = parseAlgorithmIdentifier(fields.element());
  const keyBits = fields.octetAlignedBits();
  fields.finish();
  return { spki, keyAlgorithm, keyBits };
}

export const rsaEncryption = '1.2.840.113549.1.1.1';
const rsassaPss = '1.2.840.113549.1.1.10';

const isNull = (parameters: Uint8Array | undefined): boolean =>
  parameters?.length === 2 && parameters[0] === tag.null && parameters[1] === 0;

const curves: ReadonlyMap<string, Curve> = new Map([
  ['06082a8648ce3d030107', 'P-256'],
  ['06052b81040022', 'P-384'],
  ['06052b81040023', 'P-521'],
]);

/** Undefined for a key that is of another type, too large, or malformed. */
export const shapeOf = (key: SubjectPublicKey): KeyShape | undefined =>
  (key.shape ??= readShape(key));

function readShape(key: SubjectPublicKey): KeyShape | undefined {
  const { algorithm, parameters } = key.keyAlgorithm;
  switch (algorithm) {
    case rsaEncryption: {
      // RFC 3279 §2.3.1: the parameters are NULL.
      const bits = isNull(parameters) ? rsaModulusBits(key.keyBits) : undefined;
      return bits === undefined ? undefined : { type: 'rsa', bits };
    }
    case rsassaPss: {
      const bits = rsaModulusBits(key.keyBits);
      if (bits === undefined) return undefined;
      // RFC 4055 §1.2: a PSS key without parameters is not restricted to a hash algorithm.
      if (parameters === undefined) return { type: 'rsa', bits };
      const restriction = pssSchemeOf(parameters);
      return restriction && { type: 'rsa', bits, restriction };
    }
    case '1.2.840.10045.2.1': {
      // RFC 5480 §2.1.1: namedCurve only; explicit parameters MUST NOT be used.
      const curve = parameters && curves.get(Buffer.from(parameters).toString('hex'));
      return curve && isUncompressedPoint(key.keyBits, curve) ? { type: 'ec', curve } : undefined;
    }
    case '1.3.101.112':
      return parameters === undefined && key.keyBits.length === 32
        ? { type: 'ed25519' }
        : undefined;
    case '1.2.840.10040.4.1': {
      const bits = parameters && dsaPrimeBits(parameters);
      return bits === undefined ? undefined : { type: 'dsa', bits };
    }
    default:
      return undefined;
  }
}

/** Error code for a key that the policy refuses; undefined if the key is acceptable. */
export function keyRefusal(
  shape: KeyShape | undefined,
  policy: AlgorithmPolicy,
): PkiErrorCode | undefined {
  switch (shape?.type) {
    case 'rsa':
      return shape.bits < policy.minimumRsaBits ? 'certificate-key-weak' : undefined;
    case 'ec':
      return policy.curves.includes(shape.curve) ? undefined : 'certificate-algorithm-unacceptable';
    case 'ed25519':
      return policy.curves.includes('Ed25519') ? undefined : 'certificate-algorithm-unacceptable';
    case 'dsa':
      if (policy.minimumDsaBits === undefined) return 'certificate-algorithm-unacceptable';
      return shape.bits < policy.minimumDsaBits ? 'certificate-key-weak' : undefined;
    default:
      return 'certificate-algorithm-unacceptable';
  }
}

/** Imports the key; undefined when the cryptographic library refuses it. */
export const importKey = (key: SubjectPublicKey): KeyObject | undefined => importPem(pemOfKey(key));

/**
 * The key in PEM (RFC 7468). Node imports a PEM string without testing whether it is a KeyObject, so it is
 * faster than DER: measured for RSA-2048 8 µs against 14 µs as PKCS#1 and 36 µs as SPKI.
 */
const pemOfKey = (key: SubjectPublicKey): string =>
  key.keyAlgorithm.algorithm === rsaEncryption
    ? pem('RSA PUBLIC KEY', key.keyBits)
    : pem('PUBLIC KEY', key.spki);

const pem = (label: 'PUBLIC KEY' | 'RSA PUBLIC KEY', der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${toBase64(der)}\n-----END ${label}-----\n`;

function importPem(text: string): KeyObject | undefined {
  try {
    return withoutStackTraces(() => createPublicKey(text));
  } catch {
    return undefined;
  }
}

/** Imports an RSA key with the PSS parameters of `scheme`, so that the library uses both hash algorithms. */
export function importForPss(
  key: SubjectPublicKey,
  { parameters }: PssScheme,
): KeyObject | undefined {
  const algorithm = element(tag.sequence, element(tag.oid, rsassaPssOid), parameters);
  const bits = element(tag.bitString, Uint8Array.of(0), key.keyBits);
  return importPem(pem('PUBLIC KEY', element(tag.sequence, algorithm, bits)));
}

const rsassaPssOid = Buffer.from('2a864886f70d01010a', 'hex');

function element(identifier: number, ...content: readonly Uint8Array[]): Buffer {
  const { length } = Buffer.concat(content);
  const octets = length < 0x80 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(identifier, ...octets), ...content]);
}

const importedKeys = new WeakMap<SubjectPublicKey, KeyObject>();

/**
 * Imports the key of a CA certificate, which is used many times. The imported key is cached as long as the
 * certificate object exists.
 */
export function importKeyOnce(key: SubjectPublicKey): KeyObject | undefined {
  const known = importedKeys.get(key);
  if (known !== undefined) return known;
  const imported = importKey(key);
  if (imported !== undefined) importedKeys.set(key, imported);
  return imported;
}

/** Keys by fingerprint; `spki` decides. An imported key takes about 2 KB of native memory. */
const recentKeys = new RecentlyUsed<{ readonly spki: Uint8Array; readonly key: KeyObject }, number>(
  48,
);
/** Fingerprints of the last keys that were used once, as a ring: nothing of them stays in the heap. */
const usedOnce = new Int32Array(64);
let nextUsedOnce = 0;

/** A loop: Int32Array.prototype.includes leaves compiled code. */
function wasUsedOnce(fingerprint: number): boolean {
  for (let i = 0; i < usedOnce.length; i++) if (usedOnce[i] === fingerprint) return true;
  return false;
}

/**
 * The key of a leaf certificate, from a cache of recent keys. Import and first use cost more than half of a
 * signature verification. Most leaf keys are used once, so a KeyObject is created only on the second use;
 * the first use passes the PEM text. Two keys with the same fingerprint cost an import.
 */
export function keyOfCard(key: SubjectPublicKey): KeyObject | string | undefined {
  const fingerprint = fingerprintOf(key.keyBits);
  const known = recentKeys.get(fingerprint);
  if (known !== undefined && sameBytes(known.spki, key.spki)) return known.key;
  if (!wasUsedOnce(fingerprint)) {
    usedOnce[nextUsedOnce] = fingerprint;
    nextUsedOnce = (nextUsedOnce + 1) % usedOnce.length;
    return pemOfKey(key);
  }
  const imported = importKey(key);
  if (imported !== undefined) {
    // A copy: a view would keep the whole certificate in memory.
    recentKeys.set(fingerprint, { spki: new Uint8Array(key.spki), key: imported });
  }
  return imported;
}

/** 32 bits over octets inside the modulus or point. */
function fingerprintOf(bits: Uint8Array): number {
  let value = bits.length;
  for (let i = 12; i < 20; i++) value = (Math.imul(value, 31) + (bits[i] ?? 0)) | 0;
  return value;
}

function rsaModulusBits(keyBits: Uint8Array): number | undefined {
  try {
    const fields = enterWhole(keyBits);
    const modulus = fields.integerBytes();
    const exponent = fields.integerBytes();
    fields.finish();
    // Refuse negative or even numbers and the exponent 1 (no RSA key), and exponents above 5 octets (slow).
    if (modulus[0]! >= 0x80 || exponent[0]! >= 0x80 || exponent.length > 5) return undefined;
    if (exponent.length === 1 && exponent[0]! < 3) return undefined;
    if ((exponent.at(-1)! & 1) === 0 || (modulus.at(-1)! & 1) === 0) return undefined;
    const bits = bitLength(modulus);
    return bits > engineLimits.rsaBits ? undefined : bits;
  } catch {
    return undefined;
  }
}

function dsaPrimeBits(parameters: Uint8Array): number | undefined {
  try {
    const bits = bitLength(enterWhole(parameters).integerBytes());
    return bits > engineLimits.rsaBits ? undefined : bits;
  } catch {
    return undefined;
  }
}

function bitLength(positive: Uint8Array): number {
  const lead = positive[0] === 0 ? 1 : 0;
  return (positive.length - lead) * 8 - Math.clz32(positive[lead] ?? 0) + 24;
}

function isUncompressedPoint(octets: Uint8Array, curve: Curve): boolean {
  const width = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }[curve];
  return octets.length === 2 * width + 1 && octets[0] === 0x04;
}

/** True for the DER of a SEQUENCE of two positive INTEGERs: an ECDSA or DSA signature. */
export function isCanonicalPair(signature: Uint8Array): boolean {
  try {
    const fields = enterWhole(signature, tag.sequence);
    for (let i = 0; i < 2; i++) {
      const value = fields.integerBytes();
      if (value[0]! >= 0x80 || (value.length === 1 && value[0] === 0)) return false;
    }
    return fields.atEnd;
  } catch {
    return false;
  }
}
