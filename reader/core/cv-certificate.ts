import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { cvNameLength, signedOctets, tags } from './card-profile.ts';
import { concat } from './commands.ts';
import { ReaderError } from './reader-error.ts';
import { children, parseAll, parseFirst, type Tlv } from './tlv.ts';

/** A root key of the card-verifiable certificates. It is configured, not read from the card. */
export interface ChipRoot {
  /** The value of the issuer field in a CV certificate, e.g. `5000023`. */
  readonly keyId: string;
  readonly publicKey: KeyObject;
}

/** The key in a CV certificate, after verifying that a configured root signed it. */
export function verifyCvCertificate(
  certificate: Uint8Array,
  roots: readonly ChipRoot[],
): KeyObject {
  const template = parseFirst(certificate, tags.cvCertificate.template);
  const { template: _, ...expected } = tags.cvCertificate;
  const { body, signature } = children(template, expected);
  if (body.value.length <= 2 * cvNameLength) throw new ReaderError('card-answer-invalid');
  const root = roots.find(({ keyId }) => keyId === keyIdOf(body.value.subarray(0, cvNameLength)));
  if (!root) throw new ReaderError('chip-root-unknown');
  if (!verifiesRsa(body.value, root.publicKey, signature.value)) {
    throw new ReaderError('chip-certificate-invalid');
  }
  return publicKeyOf(body.value.subarray(2 * cvNameLength));
}

/** RSASSA-PKCS1-v1_5 with SHA-256, the scheme of the card's own signatures. */
export function verifiesRsa(data: Uint8Array, key: KeyObject, signature: Uint8Array): boolean {
  try {
    return verify('sha256', data, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
  } catch {
    return false;
  }
}

/** The signed part of a template: the objects before the signature. */
export const signedPart = (...objects: readonly Tlv[]): Uint8Array =>
  concat(...objects.map(({ object, value }) => (signedOctets === 'objects' ? object : value)));

/** Exponent and modulus; their order is published, their tags are not. */
export function publicKeyOf(encoded: Uint8Array): KeyObject {
  const [exponent, modulus, ...more] = parseAll(encoded);
  if (!exponent || !modulus || more.length > 0) throw new ReaderError('card-answer-invalid');
  const [e, n] = [withoutZeros(exponent.value), withoutZeros(modulus.value)];
  const bits = n.length === 0 ? 0 : n.length * 8 - Math.clz32(n[0]!) + 24;
  // An even or small exponent is not a valid RSA key; less than 2048 bits is refused (NIST SP
  // 800-131A).
  const plausible = e.length > 0 && e.length <= 4 && (e.length > 1 || e[0]! > 1) && e.at(-1)! & 1;
  if (!plausible || bits < 2048 || bits > 4096 || !(n.at(-1)! & 1)) {
    throw new ReaderError('card-answer-invalid');
  }
  try {
    return createPublicKey({
      key: { kty: 'RSA', e: base64url(e), n: base64url(n) },
      format: 'jwk',
    });
  } catch {
    throw new ReaderError('card-answer-invalid');
  }
}

/** The key id in a name field of 16 octets: digits, padded with zeros or spaces. */
const keyIdOf = (name: Uint8Array): string =>
  new TextDecoder('latin1').decode(name).replaceAll(/^[\0 ]+|[\0 ]+$/g, '');

const base64url = (octets: Uint8Array): string => Buffer.from(octets).toString('base64url');

function withoutZeros(octets: Uint8Array): Uint8Array {
  let start = 0;
  while (start < octets.length && octets[start] === 0) start++;
  return octets.subarray(start);
}
