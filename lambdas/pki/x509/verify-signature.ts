import { constants, KeyObject, type Verify, verify, type VerifyKeyObjectInput } from 'node:crypto';
import type { PkiErrorCode } from '../pki-error.ts';
import type { AlgorithmPolicy } from '../algorithm-policy.ts';
import type { AlgorithmIdentifier } from './algorithm-identifier.ts';
import {
  importForPss,
  importKeyOnce,
  isCanonicalPair,
  keyOfCard,
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

/** `ok`, or the error code of an invalid or unacceptable signature. */
export type SignatureOutcome = 'ok' | PkiErrorCode;

export interface SignedData {
  readonly algorithm: AlgorithmIdentifier;
  /** The bytes that were signed. */
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** Verifies a signature under a given scheme, without policy checks. */
export type SignatureCheck = (
  scheme: SignatureScheme,
  signed: SignedData,
  key: SubjectPublicKey,
) => boolean;

/**
 * Verifies a CA's signature: first checks algorithm and key against the policy, then the signature value.
 */
export function verifySignature(
  signed: SignedData,
  key: SubjectPublicKey,
  policy: AlgorithmPolicy,
  holds: SignatureCheck = verifyUnderScheme,
): SignatureOutcome {
  const scheme = signatureSchemeOf(signed.algorithm);
  if (scheme === undefined) return 'certificate-algorithm-unacceptable';
  const refusal = schemeRefusal(scheme, policy) ?? keyRefusal(shapeOf(key), policy);
  if (refusal !== undefined) return refusal;
  return holds(scheme, signed, key) ? 'ok' : 'certificate-signature-invalid';
}

/**
 * Verifies the signature value under a scheme that the caller chose. `keep`: cache the imported key as long
 * as the key object exists (for CA keys).
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
    // One-shot `verify`: a Verify object is a stream and burdens the garbage collector.
    const digest = digestNames[scheme.hash];
    const how = usable instanceof KeyObject ? keyUnder(scheme, usable) : usable;
    return withoutStackTraces(() => verify(digest, data, how, signature));
  } catch {
    // OpenSSL throws for some malformed points and parameters: no valid signature either way.
    return false;
  }
}

/** Finishes a streaming verification. Throws what the library throws. */
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

/** A CA's key for a scheme; the import is cached. */
export const importForScheme = (
  scheme: SignatureScheme,
  key: SubjectPublicKey,
): KeyObject | undefined =>
  needsOwnMaskHash(scheme) ? importForPss(key, scheme) : importKeyOnce(key);

/** A leaf's key. Cards do not sign with PSS, which needs a KeyObject to pass the padding. */
const cardKeyForScheme = (
  scheme: SignatureScheme,
  key: SubjectPublicKey,
): KeyObject | string | undefined =>
  scheme.family === 'rsa-pss' ? importForScheme(scheme, key) : keyOfCard(key);

/** The library uses the message hash for MGF1 as well, unless the key's PSS parameters state another. */
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
      return shape.type === 'rsa' && meetsKeyParameters(scheme, shape.restriction);
    case 'ecdsa':
      return shape.type === 'ec';
    case 'dsa':
      return shape.type === 'dsa';
    default:
      return shape.type === 'ed25519';
  }
}

/** RFC 4055 §3.3: the hash algorithms of the key's parameters, and at least their salt length. */
const meetsKeyParameters = (scheme: PssScheme, restriction: PssScheme | undefined): boolean =>
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
      // RFC 8017 §8.1.2, §8.2.2: the signature is exactly as long as the modulus.
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
