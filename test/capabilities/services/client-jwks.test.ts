import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { parseClientJwks } from '../../../lambdas/capabilities/services/client-jwks.ts';

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = p256.publicKey.export({ format: 'jwk' });
const rsaJwk = rsa.publicKey.export({ format: 'jwk' });

describe('a JWK Set of a client', () => {
  it.each([
    ['P-256', ec, 'ES256'],
    ['P-384', p384.publicKey.export({ format: 'jwk' }), 'ES384'],
    ['RSA 2048', rsaJwk, 'RS256'],
    ['RSA 2048 for PSS', { ...rsaJwk, alg: 'PS256' }, 'PS256'],
  ])('takes %s and derives what is missing', async (_, jwk, alg) => {
    const [key] = parseClientJwks({ keys: [jwk] });
    expect(key).toMatchObject({ alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) });
  });

  it('keeps the kid that is given, and drops what says nothing about the key', () => {
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
