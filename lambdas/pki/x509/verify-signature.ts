import { constants, KeyObject, type Verify, verify, type VerifyKeyObjectInput } from 'node:crypto';
import type { PkiErrorCode } from '../pki-error.ts';
import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { AlgorithmIdentifier } from './algorithm-identifier.ts';
import {
  importForPss,
  importKeyOnce,
  isCanonicalPair,
  keyOfCard,
  type KeyOctets,
  keyRefusal,
  rsaEncryption,
  shapeOf,
  type KeyShape,
  type SubjectPublicKey,
} from './public-key.ts';
import {
  type HashName,
  type PssScheme,
  type SignatureScheme,
  signatureSchemeOf,
  type StreamedScheme,
} from './signature-scheme.ts';
import { withoutStackTraces } from './without-stack-traces.ts';

/** `ok`, or why the signature proves nothing. */
export type SignatureOutcome = 'ok' | PkiErrorCode;

export interface SignedData {
  readonly algorithm: AlgorithmIdentifier;
  /** The bytes that were signed. */
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** Does the signature hold under a scheme that is settled? */
export type Arithmetic = (
  scheme: SignatureScheme,
  signed: SignedData,
  key: SubjectPublicKey,
) => boolean;

/**
 * Verifies an authority's signature under a policy: first whether algorithm and key are acceptable at
 * all, then the arithmetic.
 */
export function verifySignature(
  signed: SignedData,
  key: SubjectPublicKey,
  policy: AlgorithmPolicy,
  holds: Arithmetic = verifyUnderScheme,
): SignatureOutcome {
  const scheme = signatureSchemeOf(signed.algorithm);
  if (scheme === undefined) return 'certificate-algorithm-unacceptable';
  const refusal = schemeRefusal(scheme, policy) ?? keyRefusal(shapeOf(key), policy);
  if (refusal !== undefined) return refusal;
  return holds(scheme, signed, key) ? 'ok' : 'certificate-signature-invalid';
}

/**
 * The arithmetic alone, for a scheme that the caller has pinned. `keep`: the key is an authority's,
 * and is held imported as long as the key object lives.
 */
export function verifyUnderScheme(
  scheme: SignatureScheme,
  signed: Pick<SignedData, 'data' | 'signature'>,
  key: SubjectPublicKey,
  keep = true,
): boolean {
  const shape = shapeOf(key);
  if (shape === undefined || !schemeFitsKey(scheme, shape, key)) return false;
  // A signature of another length or form is refused before the key is imported.
  if (!isWellFormed(scheme, shape, signed.signature)) return false;
  const usable = keep ? importForScheme(scheme, key) : cardKeyForScheme(scheme, key);
  if (usable === undefined) return false;
  const { data, signature } = signed;
  try {
    if (scheme.family === 'ed25519') return verify(null, data, usable, signature);
    // In one call: a Verify is a stream, and outlives what the garbage collector clears away quickly.
    const digest = digestNames[scheme.hash];
    const how = usable instanceof KeyObject ? keyUnder(scheme, usable) : usable;
    return withoutStackTraces(() => verify(digest, data, how, signature));
  } catch {
    // OpenSSL throws for some malformed points and parameters: no valid signature either way.
    return false;
  }
}

/** Ends a streaming verifier that has been given the data. Throws what the library throws. */
export const conclude = (
  verifier: Verify,
  scheme: StreamedScheme,
  key: KeyObject,
  signature: Uint8Array,
): boolean => withoutStackTraces(() => verifier.verify(keyUnder(scheme, key), signature));

const keyUnder = (scheme: StreamedScheme, key: KeyObject): KeyObject | VerifyKeyObjectInput =>
  scheme.family === 'rsa-pss'
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength }
    : key;

export function schemeRefusal(
  scheme: SignatureScheme,
  policy: AlgorithmPolicy,
): PkiErrorCode | undefined {
  if (scheme.family === 'ed25519') return undefined;
  const isAllowed =
    policy.hashes.includes(scheme.hash) &&
    (scheme.family !== 'rsa-pss' || policy.hashes.includes(scheme.maskHash));
  return isAllowed ? undefined : 'certificate-algorithm-unacceptable';
}

/** An authority's key, which is asked again. */
export const importForScheme = (
  scheme: SignatureScheme,
  key: SubjectPublicKey,
): KeyObject | undefined =>
  needsOwnMaskHash(scheme) ? importForPss(key, scheme) : importKeyOnce(key);

/** A card signs with no PSS: octets carry no padding beside them. */
const cardKeyForScheme = (
  scheme: SignatureScheme,
  key: SubjectPublicKey,
): KeyObject | KeyOctets | undefined =>
  scheme.family === 'rsa-pss' ? importForScheme(scheme, key) : keyOfCard(key);

/** The library takes the hash for the mask too, unless the key says another. */
const needsOwnMaskHash = (scheme: SignatureScheme): scheme is PssScheme =>
  scheme.family === 'rsa-pss' && scheme.maskHash !== scheme.hash;

export function schemeFitsKey(
  scheme: SignatureScheme,
  shape: KeyShape,
  key: SubjectPublicKey,
): boolean {
  switch (scheme.family) {
    case 'rsa-pkcs1':
      // RFC 4055 §1.2: a key marked RSASSA-PSS signs with PSS alone.
      return shape.type === 'rsa' && key.keyAlgorithm.algorithm === rsaEncryption;
    case 'rsa-pss':
      return shape.type === 'rsa' && keepsRestriction(scheme, shape.restriction);
    case 'ecdsa':
      return shape.type === 'ec';
    case 'dsa':
      return shape.type === 'dsa';
    default:
      return shape.type === 'ed25519';
  }
}

/** RFC 4055 §3.3: the same hashes, and a salt no shorter than the key asks for. */
const keepsRestriction = (scheme: PssScheme, restriction: PssScheme | undefined): boolean =>
  restriction === undefined ||
  (scheme.hash === restriction.hash &&
    scheme.maskHash === restriction.maskHash &&
    scheme.saltLength >= restriction.saltLength);

export function isWellFormed(
  scheme: SignatureScheme,
  shape: KeyShape,
  signature: Uint8Array,
): boolean {
  switch (scheme.family) {
    case 'rsa-pkcs1':
    case 'rsa-pss':
      // RFC 8017 §8.1.2, §8.2.2: exactly as long as the modulus.
      return shape.type === 'rsa' && signature.length === Math.ceil(shape.bits / 8);
    case 'ecdsa':
    case 'dsa':
      return isCanonicalPair(signature);
    default:
      // RFC 8032 §5.1.6
      return signature.length === 64;
  }
}

export const digestNames: Readonly<Record<HashName, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};
