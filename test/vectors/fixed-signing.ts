import {
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  constants,
  type KeyObject,
  privateEncrypt,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  defaultScheme,
  type KeyType,
  signatureForm,
  type Signer,
} from '../../sandbox/pki/signing.ts';
import { integer, sequence } from '../../sandbox/pki/der-writer.ts';

/*
 * Deterministic keys and signatures, so that the generators of the vectors always write the same octets.
 * The keys are public and may sign test data only.
 */

const curves = {
  'P-256': {
    name: 'prime256v1',
    hash: 'sha256',
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  'P-384': {
    name: 'secp384r1',
    hash: 'sha384',
    order:
      0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
} as const;
type CurveName = keyof typeof curves;

/** RSA keys, PKCS#8 in base64; they cannot be derived from a label. */
const rsaKeys = JSON.parse(
  readFileSync(new URL('data/rsa-keys.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, string>>;

/** The key of a type for a label; the same label always gives the same key. */
export function fixedSigner(type: KeyType, label: string): Signer {
  const privateKey = privateKeyOf(type, label);
  const publicKey = createPublicKey(privateKey);
  return {
    privateKey,
    publicKey,
    scheme: defaultScheme[type],
    sign: (data, scheme) => fixedSignature(privateKey, data, scheme),
  };
}

function privateKeyOf(type: KeyType, label: string): KeyObject {
  const seed = createHash('sha512').update(`test key, ${type}, ${label}`).digest();
  if (type === 'Ed25519') {
    const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
    const key = Buffer.concat([prefix, seed.subarray(0, 32)]);
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  }
  if (type === 'P-256' || type === 'P-384') {
    const { name, order } = curves[type];
    const size = octetsOf(order);
    const secret = toOctets((numberOf(seed) % (order - 1n)) + 1n, size);
    const ecdh = createECDH(name);
    ecdh.setPrivateKey(secret);
    const point = ecdh.getPublicKey();
    const [x, y] = [base64url(point.subarray(1, 1 + size)), base64url(point.subarray(1 + size))];
    return createPrivateKey({
      key: { kty: 'EC', crv: type, d: base64url(secret), x, y },
      format: 'jwk',
    });
  }
  const key = rsaKeys[`${type} ${label}`];
  if (key === undefined) throw new Error(`data/rsa-keys.json has no ${type} for ${label}`);
  return createPrivateKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'pkcs8' });
}

/** ECDSA by RFC 6979, RSASSA-PSS with a salt derived from the message; other schemes are deterministic. */
function fixedSignature(
  privateKey: KeyObject,
  data: Uint8Array,
  scheme: Signer['scheme'],
): Buffer | undefined {
  const { hash, pssSaltLength } = signatureForm(scheme);
  if (pssSaltLength !== undefined) return pssSignature(privateKey, data, hash!, pssSaltLength);
  if (privateKey.asymmetricKeyType === 'ec') return ecdsaSignature(privateKey, data, hash!);
  return undefined;
}

/** RFC 6979 §3.2 and FIPS 186-5 §6.4.1, for a hash that is not longer than the order. */
export function ecdsaSignature(privateKey: KeyObject, data: Uint8Array, hash: string): Buffer {
  const { crv, d } = privateKey.export({ format: 'jwk' });
  const { name, order } = curves[crv as CurveName];
  const size = octetsOf(order);
  const secret = Buffer.from(d!, 'base64url');
  const digest = createHash(hash).update(data).digest();
  const message = leftmost(digest, order);
  for (const nonce of nonces(hash, secret, toOctets(message % order, size), order)) {
    const ecdh = createECDH(name);
    ecdh.setPrivateKey(toOctets(nonce, size));
    const r = numberOf(ecdh.getPublicKey().subarray(1, 1 + size)) % order;
    const s = (inverse(nonce, order) * (message + r * numberOf(secret))) % order;
    if (r !== 0n && s !== 0n) return sequence(integer(r), integer(s));
  }
  throw new Error('no nonce');
}

function* nonces(hash: string, secret: Buffer, message: Buffer, order: bigint): Generator<bigint> {
  const mac = (key: Buffer, ...parts: readonly Uint8Array[]): Buffer =>
    createHmac(hash, key).update(Buffer.concat(parts)).digest();
  const length = createHash(hash).digest().length;
  let value: Buffer = Buffer.alloc(length, 1);
  let key: Buffer = Buffer.alloc(length);
  for (const round of [0, 1]) {
    key = mac(key, value, Buffer.of(round), secret, message);
    value = mac(key, value);
  }
  for (;;) {
    let text: Buffer = Buffer.alloc(0);
    while (text.length < octetsOf(order)) {
      value = mac(key, value);
      text = Buffer.concat([text, value]);
    }
    const candidate = leftmost(text.subarray(0, octetsOf(order)), order);
    if (candidate > 0n && candidate < order) yield candidate;
    key = mac(key, value, Buffer.of(0));
    value = mac(key, value);
  }
}

/** EMSA-PSS-ENCODE (RFC 8017 §9.1.1) with MGF1 of the same hash, then RSASP1. */
function pssSignature(
  privateKey: KeyObject,
  data: Uint8Array,
  hash: string,
  saltLength: number,
): Buffer {
  const digest = (...parts: readonly Uint8Array[]): Buffer =>
    createHash(hash).update(Buffer.concat(parts)).digest();
  const mask = (seed: Uint8Array, length: number): Buffer => {
    const blocks: Buffer[] = [];
    for (let counter = 0; blocks.length * digest().length < length; counter++) {
      const octets = Buffer.alloc(4);
      octets.writeUInt32BE(counter);
      blocks.push(digest(seed, octets));
    }
    return Buffer.concat(blocks).subarray(0, length);
  };
  const size = privateKey.asymmetricKeyDetails!.modulusLength! / 8;
  const salt = mask(digest(Buffer.from('salt'), data), saltLength);
  const h = digest(Buffer.alloc(8), digest(data), salt);
  const block = Buffer.alloc(size - h.length - 1);
  block[block.length - saltLength - 1] = 1;
  salt.copy(block, block.length - saltLength);
  const masked = block.map((octet, index) => octet ^ mask(h, block.length)[index]!);
  masked[0]! &= 0x7f;
  return privateEncrypt(
    { key: privateKey, padding: constants.RSA_NO_PADDING },
    Buffer.concat([masked, h, Buffer.of(0xbc)]),
  );
}

const base64url = (octets: Uint8Array): string => Buffer.from(octets).toString('base64url');
const octetsOf = (order: bigint): number => order.toString(16).length / 2;
const numberOf = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString('hex')}`);
const toOctets = (value: bigint, size: number): Buffer =>
  Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex');

/** bits2int (RFC 6979 §2.3.2): the leftmost bits, as many as the order has; here always whole octets. */
const leftmost = (octets: Uint8Array, order: bigint): bigint =>
  numberOf(octets.subarray(0, octetsOf(order)));

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b, x, y] = [b - quotient * a, a, y - quotient * x, x];
  }
  return ((x % modulus) + modulus) % modulus;
}
