import { generateKeyPairSync, constants, sign, type KeyObject } from 'node:crypto';
import { context, integer, nullValue, oid, sequence } from './der-writer.ts';

/** A key that signs certificates, lists, responses and challenges, with its AlgorithmIdentifier. */
export interface Signer {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly scheme: SignatureScheme;
  /**
   * Signs instead of `node:crypto`; undefined to use `node:crypto`. Fixed test data needs
   * deterministic signatures.
   */
  readonly sign?: (data: Uint8Array, scheme: SignatureScheme) => Buffer | undefined;
}

export type SignatureScheme = keyof typeof schemes;

const rsa = (arc: number): Buffer => sequence(oid(`1.2.840.113549.1.1.${arc}`), nullValue());
const hashAlgorithm = (arc: number): Buffer =>
  sequence(oid(`2.16.840.1.101.3.4.2.${arc}`), nullValue());
const pss = (hashArc: number, saltLength: number): Buffer =>
  sequence(
    oid('1.2.840.113549.1.1.10'),
    sequence(
      context(0, hashAlgorithm(hashArc)),
      context(1, sequence(oid('1.2.840.113549.1.1.8'), hashAlgorithm(hashArc))),
      context(2, integer(saltLength)),
    ),
  );

const schemes = {
  'rsa-md5': { hash: 'md5', algorithm: rsa(4) },
  'rsa-sha1': { hash: 'sha1', algorithm: rsa(5) },
  'rsa-sha256': { hash: 'sha256', algorithm: rsa(11) },
  'rsa-sha384': { hash: 'sha384', algorithm: rsa(12) },
  'rsa-sha512': { hash: 'sha512', algorithm: rsa(13) },
  'rsa-pss-sha256': { hash: 'sha256', algorithm: pss(1, 32), pssSaltLength: 32 },
  'rsa-pss-sha384': { hash: 'sha384', algorithm: pss(2, 48), pssSaltLength: 48 },
  /** The maximum salt length with RSA-2048, which some signers use. */
  'rsa-pss-sha256-salt-222': { hash: 'sha256', algorithm: pss(1, 222), pssSaltLength: 222 },
  'ecdsa-sha1': { hash: 'sha1', algorithm: sequence(oid('1.2.840.10045.4.1')) },
  'ecdsa-sha256': { hash: 'sha256', algorithm: sequence(oid('1.2.840.10045.4.3.2')) },
  'ecdsa-sha384': { hash: 'sha384', algorithm: sequence(oid('1.2.840.10045.4.3.3')) },
  ed25519: { hash: null, algorithm: sequence(oid('1.3.101.112')) },
} as const;

/** AlgorithmIdentifier, DER. */
export const algorithmOf = (scheme: SignatureScheme): Buffer => schemes[scheme].algorithm;

/** Hash and, for PSS, length of the salt. */
export const signatureForm = (
  scheme: SignatureScheme,
): { readonly hash: string | null; readonly pssSaltLength?: number } => schemes[scheme];

/** Signs with the scheme's hash and padding. */
export function signWith(signer: Signer, data: Uint8Array): Buffer {
  const fixed = signer.sign?.(data, signer.scheme);
  if (fixed !== undefined) return fixed;
  const scheme = signatureForm(signer.scheme);
  if (scheme.pssSaltLength === undefined) return sign(scheme.hash, data, signer.privateKey);
  return sign(scheme.hash, data, {
    key: signer.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: scheme.pssSaltLength,
  });
}

export type KeyType = 'rsa-1024' | 'rsa-2048' | 'rsa-4096' | 'P-256' | 'P-384' | 'Ed25519';

/** The default signature scheme for a key of this type. */
export const defaultScheme = {
  'rsa-1024': 'rsa-sha256',
  'rsa-2048': 'rsa-sha256',
  'rsa-4096': 'rsa-sha256',
  'P-256': 'ecdsa-sha256',
  'P-384': 'ecdsa-sha384',
  Ed25519: 'ed25519',
} as const satisfies Record<KeyType, SignatureScheme>;

export function generateSigner(
  type: KeyType,
  scheme: SignatureScheme = defaultScheme[type],
): Signer {
  const pair =
    type === 'Ed25519'
      ? generateKeyPairSync('ed25519')
      : type === 'P-256' || type === 'P-384'
        ? generateKeyPairSync('ec', { namedCurve: type })
        : generateKeyPairSync('rsa', { modulusLength: Number(type.slice(4)) });
  return { ...pair, scheme };
}

/** SubjectPublicKeyInfo, DER. */
export const spkiOf = (key: { readonly publicKey: KeyObject }): Buffer =>
  key.publicKey.export({ type: 'spki', format: 'der' });
