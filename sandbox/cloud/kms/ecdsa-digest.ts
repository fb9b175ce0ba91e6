import { type KeyObject, createECDH, randomBytes } from 'node:crypto';

/**
 * ECDSA over a digest computed elsewhere (KMS's MessageType DIGEST), because node:crypto always
 * hashes. FIPS 186-5 §6.4; OpenSSL performs the point multiplications. Verification uses the
 * private key: u1·G + u2·Q = (u1 + u2·d)·G.
 */
const orders: Readonly<Record<string, bigint>> = {
  prime256v1: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  secp384r1:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  secp521r1:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
};

export function signDigest(digest: Buffer, key: KeyObject, curve: string): Buffer {
  const n = orderOf(curve);
  const d = privateScalar(key);
  for (;;) {
    const k = toBigInt(randomBytes(byteLength(n) + 8)) % n;
    const r = k === 0n ? 0n : xOfMultiple(k, curve) % n;
    const s = (inverse(k, n) * (truncated(digest, n) + r * d)) % n;
    if (r !== 0n && s !== 0n) return derSequence([r, s]);
  }
}

export function verifyDigest(
  digest: Buffer,
  signature: Buffer,
  key: KeyObject,
  curve: string,
): boolean {
  const n = orderOf(curve);
  const pair = readSequence(signature);
  if (pair === undefined) return false;
  const [r, s] = pair;
  if (r <= 0n || r >= n || s <= 0n || s >= n) return false;
  const w = inverse(s, n);
  const multiple = (truncated(digest, n) * w + r * w * privateScalar(key)) % n;
  return multiple !== 0n && xOfMultiple(multiple, curve) % n === r;
}

function orderOf(curve: string): bigint {
  const n = orders[curve];
  if (n === undefined) throw new Error(`no group order known for ${curve}`);
  return n;
}

function privateScalar(key: KeyObject): bigint {
  const { d } = key.export({ format: 'jwk' });
  return toBigInt(Buffer.from(d ?? '', 'base64url'));
}

function xOfMultiple(scalar: bigint, curve: string): bigint {
  const ecdh = createECDH(curve);
  ecdh.setPrivateKey(toBytes(scalar, byteLength(orderOf(curve))));
  const point = ecdh.getPublicKey();
  return toBigInt(point.subarray(1, 1 + (point.length - 1) / 2));
}

/** The leftmost bits of the digest, as many as the order has (FIPS 186-5 §6.4.1 step 2). */
function truncated(digest: Buffer, n: bigint): bigint {
  const excess = digest.length * 8 - n.toString(2).length;
  return excess > 0 ? toBigInt(digest) >> BigInt(excess) : toBigInt(digest);
}

/** Modular inverse by the extended Euclidean algorithm. */
function inverse(value: bigint, n: bigint): bigint {
  let [a, b, x, y] = [value % n, n, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [b, a] = [a, b - quotient * a];
    [y, x] = [x, y - quotient * x];
  }
  return ((x % n) + n) % n;
}

const byteLength = (n: bigint): number => Math.ceil(n.toString(16).length / 2);
const toBigInt = (bytes: Buffer): bigint => BigInt(`0x0${bytes.toString('hex')}`);
const toBytes = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex');

function derSequence(integers: readonly bigint[]): Buffer {
  const content = Buffer.concat(
    integers.map((value) => {
      const hex = value.toString(16);
      const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
      const padded = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
      return Buffer.concat([Buffer.from([0x02, padded.length]), padded]);
    }),
  );
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length];
  return Buffer.concat([Buffer.from([0x30, ...length]), content]);
}

function readSequence(der: Buffer): [bigint, bigint] | undefined {
  const start = der[1] === 0x81 ? 3 : 2;
  const rLength = der[start + 1] ?? 0;
  const sAt = start + 2 + rLength;
  const sLength = der[sAt + 1] ?? 0;
  const wellFormed = der[0] === 0x30 && der[start] === 0x02 && der[sAt] === 0x02;
  if (!wellFormed || sAt + 2 + sLength !== der.length) return undefined;
  return [
    toBigInt(der.subarray(start + 2, sAt)),
    toBigInt(der.subarray(sAt + 2, sAt + 2 + sLength)),
  ];
}
