import { engineLimits } from '../limits.ts';
import type { AlgorithmIdentifier } from './algorithm-identifier.ts';
import { contextConstructed, DerReader, enterWhole, tag } from './der.ts';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';

/** Hash functions by the names that AlgorithmPolicy uses. */
export type HashName = 'MD5' | 'SHA-1' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** The scheme that a signature AlgorithmIdentifier states. */
export type SignatureScheme = StreamedScheme | { readonly family: 'ed25519' };

/** A scheme that signs a digest, so that the data can be streamed. */
export type StreamedScheme =
  | { readonly family: 'rsa-pkcs1' | 'ecdsa' | 'dsa'; readonly hash: HashName }
  | PssScheme;

/** RSASSA-PSS-params (RFC 4055 §3.1) of a signature or of a key. */
export interface PssScheme {
  readonly family: 'rsa-pss';
  readonly hash: HashName;
  /** The hash of the mask generation function MGF1. */
  readonly maskHash: HashName;
  /** Octets; for a key, the minimum (§3.3). */
  readonly saltLength: number;
  /** DER of the parameters. */
  readonly parameters: Uint8Array;
}

/** Accepted parameters: absent only (RFC 5758 §3.2, RFC 8410 §3), or absent or NULL. */
type Parameters = 'absent' | 'absent-or-null';

const schemes: ReadonlyMap<
  string,
  { readonly scheme: SignatureScheme; readonly parameters: Parameters }
> = new Map([
  // RFC 4055 §5: "Implementations MUST accept the parameters being absent as well as present." RFC 3279
  // §2.2.1 requires NULL for MD5 and SHA-1, but some signers omit it.
  ...(
    [
      ['1.2.840.113549.1.1.4', 'MD5'],
      ['1.2.840.113549.1.1.5', 'SHA-1'],
      ['1.2.840.113549.1.1.14', 'SHA-224'],
      ['1.2.840.113549.1.1.11', 'SHA-256'],
      ['1.2.840.113549.1.1.12', 'SHA-384'],
      ['1.2.840.113549.1.1.13', 'SHA-512'],
    ] as const
  ).map(([id, hash]) => entry(id, { family: 'rsa-pkcs1', hash }, 'absent-or-null')),
  ...(
    [
      ['1.2.840.10045.4.1', 'SHA-1'],
      ['1.2.840.10045.4.3.1', 'SHA-224'],
      ['1.2.840.10045.4.3.2', 'SHA-256'],
      ['1.2.840.10045.4.3.3', 'SHA-384'],
      ['1.2.840.10045.4.3.4', 'SHA-512'],
    ] as const
  ).map(([id, hash]) => entry(id, { family: 'ecdsa', hash }, 'absent')),
  // RFC 3279 §2.2.2, RFC 5758 §3.1: parameters absent; old CAs encoded NULL.
  ...(
    [
      ['1.2.840.10040.4.3', 'SHA-1'],
      ['2.16.840.1.101.3.4.3.1', 'SHA-224'],
      ['2.16.840.1.101.3.4.3.2', 'SHA-256'],
      ['2.16.840.1.101.3.4.3.3', 'SHA-384'],
      ['2.16.840.1.101.3.4.3.4', 'SHA-512'],
    ] as const
  ).map(([id, hash]) => entry(id, { family: 'dsa', hash }, 'absent-or-null')),
  entry('1.3.101.112', { family: 'ed25519' }, 'absent'),
]);

const pss = '1.2.840.113549.1.1.10';

/** The scheme; undefined for an unsupported algorithm or unacceptable parameters. */
export function signatureSchemeOf(algorithm: AlgorithmIdentifier): SignatureScheme | undefined {
  if (algorithm.algorithm === pss) return pssSchemeOf(algorithm.parameters);
  const known = schemes.get(algorithm.algorithm);
  if (known === undefined) return undefined;
  return parametersFit(algorithm.parameters, known.parameters) ? known.scheme : undefined;
}

function entry(id: string, scheme: SignatureScheme, parameters: Parameters) {
  return [id, { scheme, parameters }] as const;
}

function parametersFit(found: Uint8Array | undefined, wanted: Parameters): boolean {
  return found === undefined || (wanted === 'absent-or-null' && isNull(found));
}

const isNull = (der: Uint8Array): boolean =>
  der.length === 2 && der[0] === tag.null && der[1] === 0;

const digests: ReadonlyMap<string, HashName> = new Map([
  ['1.3.14.3.2.26', 'SHA-1'],
  ['2.16.840.1.101.3.4.2.4', 'SHA-224'],
  ['2.16.840.1.101.3.4.2.1', 'SHA-256'],
  ['2.16.840.1.101.3.4.2.2', 'SHA-384'],
  ['2.16.840.1.101.3.4.2.3', 'SHA-512'],
]);

/** Decodes RSASSA-PSS-params; absent fields are SHA-1 and salt 20. Undefined if malformed or trailerField is not 1. */
export function pssSchemeOf(parameters: Uint8Array | undefined): PssScheme | undefined {
  if (parameters === undefined) return undefined;
  try {
    const fields = enterWhole(parameters);
    const hash = readWrapped(fields, 0, (reader) => digestOf(reader), 'SHA-1' as const);
    const maskHash = readWrapped(fields, 1, readMgf1, 'SHA-1' as const);
    const saltLength = readWrapped(fields, 2, (reader) => reader.smallInteger(), 20);
    const trailer = readWrapped(fields, 3, (reader) => reader.smallInteger(), 1);
    fields.finish();
    if (hash === undefined || maskHash === undefined || trailer !== 1) return undefined;
    if (saltLength > engineLimits.saltOctets) return undefined;
    return { family: 'rsa-pss', hash, maskHash, saltLength, parameters };
  } catch {
    return undefined;
  }
}

function readWrapped<T>(
  fields: DerReader,
  n: number,
  read: (reader: DerReader) => T,
  absent: T,
): T {
  const wrapper = fields.enterOptional(contextConstructed(n));
  if (wrapper === undefined) return absent;
  const value = read(wrapper);
  wrapper.finish();
  return value;
}

function digestOf(reader: DerReader): HashName | undefined {
  const { algorithm, parameters } = readAlgorithmIdentifier(reader);
  // RFC 4055 §2.1: absent and NULL MUST both be accepted for a hash algorithm.
  return parameters === undefined || isNull(parameters) ? digests.get(algorithm) : undefined;
}

function readMgf1(reader: DerReader): HashName | undefined {
  const { algorithm, parameters } = readAlgorithmIdentifier(reader);
  if (algorithm !== '1.2.840.113549.1.1.8' || parameters === undefined) return undefined;
  const inner = new DerReader(parameters);
  const hash = digestOf(inner);
  inner.finish();
  return hash;
}
