import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import {
  parseClientJwks,
  readClientJwks,
} from '../../../lambdas/capabilities/services/client-jwks.ts';

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = p256.publicKey.export({ format: 'jwk' });
const rsaJwk = rsa.publicKey.export({ format: 'jwk' });

/** The same base64url with its octets changed. */
function changed(text: string, change: (octets: Buffer) => void): string {
  const octets = Buffer.from(text, 'base64url');
  change(octets);
  return octets.toString('base64url');
}

/** The last character with one of its two unused bits set: the same octets, spelt otherwise. */
function oddTail(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return alphabet[alphabet.indexOf(text.at(-1)!) | 1]!;
}

describe('a JWK Set of a client', () => {
  it.each([
    ['P-256', ec, 'ES256'],
    ['P-384', p384.publicKey.export({ format: 'jwk' }), 'ES384'],
    ['RSA 2048 for PKCS #1', { ...rsaJwk, alg: 'RS256' }, 'RS256'],
    ['RSA 2048 for PSS', { ...rsaJwk, alg: 'PS256' }, 'PS256'],
  ])('takes %s and derives what is missing', async (_, jwk, alg) => {
    const [key] = parseClientJwks({ keys: [jwk] });
    expect(key).toMatchObject({ alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) });
  });

  it('takes several keys of each type', () => {
    const second = [
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ].map(({ publicKey }) => publicKey.export({ format: 'jwk' }));
    expect(parseClientJwks({ keys: [ec, rsaJwk, ...second] })).toHaveLength(4);
  });

  it('leaves it to an RSA key without alg which of its algorithms it signs with', () => {
    expect(parseClientJwks({ keys: [rsaJwk] })[0]).not.toHaveProperty('alg');
  });

  it.each<[string, object, RegExp]>([
    ['an Ed25519 key', { kty: 'OKP', crv: 'Ed25519', x: 'AA' }, /keys\[1\].*Edwards/],
    ['a key of a type to come', { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA' }, /keys\[1\]\.kty/],
    ['another curve', { ...ec, crv: 'secp256k1' }, /keys\[1\]\.crv/],
    ['an encryption key', { ...rsaJwk, use: 'enc' }, /keys\[1\]\.use/],
    ['a key that only wraps', { ...rsaJwk, key_ops: ['wrapKey'] }, /keys\[1\]\.key_ops/],
  ])('keeps the others beside %s, and says so', (_, odd, words) => {
    const { keys, ignored } = readClientJwks({ keys: [ec, odd] });
    expect([keys.length, ignored.length]).toEqual([1, 1]);
    expect(ignored[0]).toMatch(words);
  });

  it('names members that nothing reads, of keys and of the set', () => {
    const odd = { ...ec, ext: true, key_ops: ['verify'], x5c: ['MII'], 'x5t#S256': 'a', x5u: 'u' };
    const read = readClientJwks({
      keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA', x5c: [] }, odd, { ...rsaJwk, crv: 'P-256' }],
      expires: 1,
      '2000118d': 1,
    });
    expect(read.keys).toHaveLength(2);
    expect(read.ignored.slice(1)).toEqual([
      'the set has members that are not used (expires, 1 more)',
      'keys[1] has members that are not used (x5c, x5t#S256, x5u): the key counts by itself, no certificate is looked at or fetched',
      'keys[2] has members that are not used (crv)',
    ]);
    expect(readClientJwks({ keys: [ec, rsaJwk], proofs: [] }).ignored).toEqual([]);
  });

  it.each(['exp', 'nbf'])('refuses %s, which nothing would act on', (name) => {
    expect(() => readClientJwks({ keys: [rsaJwk, { ...ec, [name]: 1_900_000_000 }] })).toThrow(
      `leave keys[1].${name} out`,
    );
  });

  it('looks for private parts also in a key that it would leave out', () => {
    const odd = { kty: 'OKP', crv: 'Ed25519', x: 'AA', d: 'AA' };
    expect(() => readClientJwks({ keys: [ec, odd] })).toThrow(/keys\[1\] holds private key/);
  });

  it.each<[string, object, RegExp]>([
    ['an even modulus', { ...rsaJwk, n: changed(rsaJwk.n!, (n) => (n[255]! &= 0xfe)) }, /even/],
    ['an even exponent', { ...rsaJwk, e: 'AQAC' }, /odd number/],
    ['the exponent 1', { ...rsaJwk, e: 'AQ' }, /odd number/],
    ['an exponent of six octets', { ...rsaJwk, e: 'AQAAAAAB' }, /6 octets; at most 5/],
    ['a leading zero octet', { ...rsaJwk, e: 'AAEAAQ' }, /leading zero/],
    [
      'bits that no octet holds',
      { ...ec, x: `${ec.x!.slice(0, 42)}${oddTail(ec.x!)}` },
      /canonical/,
    ],
    ['no kty', { ...ec, kty: undefined }, /kty is missing/],
  ])('refuses %s, as the engine does for certificates', (_, jwk, words) => {
    expect(() => readClientJwks({ keys: [jwk] })).toThrow(words);
  });

  it('keeps a given kid, and drops members that do not describe the key', () => {
    const [key] = parseClientJwks({
      keys: [{ ...ec, kid: '2026-01', x5c: ['…'], key_ops: ['verify'] }],
    });
    expect(Object.keys(key!).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(key!.kid).toBe('2026-01');
  });

  it.each([
    [
      'a private key',
      { keys: [p256.privateKey.export({ format: 'jwk' })] },
      /keys\[0\].*private.*"d".*new pair/,
    ],
    [
      'a private RSA key',
      { keys: [rsa.privateKey.export({ format: 'jwk' })] },
      /private key material/,
    ],
    ['a shared secret', { keys: [{ kty: 'oct', k: 'AAAA' }] }, /"k"/],
    ['a single JWK', ec, /wrap it/],
    ['a jwks_uri', { jwks_uri: 'https://example.com/jwks' }, /by value/],
    ['no keys', { keys: [] }, /empty/],
    ['nine keys', { keys: Array.from({ length: 9 }, () => ec) }, /more than 8/],
    ['one kid twice', { keys: [ec, ec] }, /same kid/],
    [
      'one key under two kids',
      {
        keys: [
          { ...ec, kid: 'a' },
          { ...ec, kid: 'b' },
        ],
      },
      /under two kids/,
    ],
    [
      'one RSA key under two kids',
      {
        keys: [
          { ...rsaJwk, kid: 'a', alg: 'RS256' },
          { ...rsaJwk, kid: 'b', alg: 'PS256' },
        ],
      },
      /under two kids.*without alg/,
    ],
    ['half of a private key', { keys: [{ ...ec, d: '' }] }, /private key material/],
    ['a private key behind a good one', { keys: [ec, { kty: 'OKP', d: 'AA' }] }, /keys\[1\] .*"d"/],
    ['an encryption key', { keys: [{ ...ec, use: 'enc' }] }, /use/],
    ['another curve', { keys: [{ ...ec, crv: 'secp256k1' }] }, /P-256/],
    [
      'an Ed25519 key',
      { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA' }] },
      /EC P-256, P-384 or RSA/,
    ],
    ['a wrong alg', { keys: [{ ...ec, alg: 'RS256' }] }, /ES256/],
    ['base64 instead of base64url', { keys: [{ ...ec, x: `${ec.x}=` }] }, /base64url/],
    [
      'a coordinate without its leading zero',
      { keys: [{ ...ec, x: ec.x!.slice(0, 42) }] },
      /31 octets; this curve needs 32/,
    ],
    ['a point off the curve', { keys: [{ ...ec, y: ec.x }] }, /not on the curve/],
    [
      'RSA of 1024 bits',
      {
        keys: [
          generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }),
        ],
      },
      /1024 bits/,
    ],
  ])('refuses %s and says how to mend it', (_, value, words) => {
    const parse = () => parseClientJwks(value);
    expect(parse).toThrow(expect.objectContaining({ code: 'jwks-invalid' }));
    expect(parse).toThrow(words);
  });
});
