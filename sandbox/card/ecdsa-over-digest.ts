import { randomBytes, type KeyObject } from 'node:crypto';
import { integer, sequence } from '../pki/der-writer.ts';

/** y² = x³ − 3x + b (FIPS 186-5, SP 800-186 §3.2.1). */
interface Curve {
  readonly p: bigint;
  readonly n: bigint;
  readonly g: Point;
  readonly octets: number;
}
type Point = readonly [x: bigint, y: bigint] | undefined;

const curves: Readonly<Record<string, Curve>> = {
  'P-256': {
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    g: [
      0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
      0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    ],
    octets: 32,
  },
  'P-384': {
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    g: [
      0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
      0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
    ],
    octets: 48,
  },
};

/**
 * ECDSA over a given digest, as a chip computes it; `node:crypto` hashes the message itself. Not
 * constant-time: for test keys only.
 */
export function signDigest(key: KeyObject, digest: Uint8Array, encoding: 'der' | 'plain'): Buffer {
  const { crv, d } = key.export({ format: 'jwk' });
  const { p, n, g, octets } = curves[crv!]!;
  const secret = big(Buffer.from(d!, 'base64url'));
  const z = big(digest.subarray(0, octets));
  for (;;) {
    const k = big(randomBytes(octets)) % n;
    const point = k === 0n ? undefined : multiply(g, k, p);
    const r = point ? point[0] % n : 0n;
    const s = r === 0n ? 0n : (inverse(k, n) * (z + r * secret)) % n;
    if (r === 0n || s === 0n) continue;
    if (encoding === 'der') return sequence(integer(r), integer(s));
    return Buffer.from([r, s].map((v) => v.toString(16).padStart(2 * octets, '0')).join(''), 'hex');
  }
}

function multiply(point: Point, factor: bigint, p: bigint): Point {
  let result: Point;
  let doubled = point;
  for (let rest = factor; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, doubled, p);
    doubled = add(doubled, doubled, p);
  }
  return result;
}

function add(a: Point, b: Point, p: bigint): Point {
  if (!a || !b) return a ?? b;
  const [ax, ay] = a;
  const [bx, by] = b;
  if (ax === bx && modulo(ay + by, p) === 0n) return undefined;
  const slope =
    ax === bx ? (3n * ax * ax - 3n) * inverse(2n * ay, p) : (by - ay) * inverse(bx - ax, p);
  const x = modulo(slope * slope - ax - bx, p);
  return [x, modulo(slope * (ax - x) - ay, p)];
}

function inverse(value: bigint, m: bigint): bigint {
  let [a, b, x, y] = [modulo(value, m), m, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return modulo(x, m);
}

const modulo = (value: bigint, m: bigint): bigint => ((value % m) + m) % m;
const big = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString('hex')}`);
