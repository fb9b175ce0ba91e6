import { createPrivateKey, createPublicKey, constants, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ecdsaSignature, fixedSigner } from './fixed-signing.ts';
import { generateVectors } from './generate.ts';
import { readVectors, vectorKinds } from './vector-data.ts';

const schema = JSON.parse(
  readFileSync(new URL('data/schema.json', import.meta.url), 'utf8'),
) as object;
const ajv = new Ajv2020({ allErrors: true, strict: false });
addFormats.default(ajv);
const validate = ajv.compile(schema);

describe.each(vectorKinds)('data/%s.json', (kind) => {
  const file = readVectors(kind);

  it('equals the output of its generator (npm run vectors)', () => {
    expect(file).toEqual(generateVectors()[kind]);
  });

  it('conforms to the schema', () => {
    validate(file);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('has unique ids', () => {
    expect(new Set(file.cases.map(({ id }) => id)).size).toBe(file.cases.length);
    expect(file.cases.length).toBeGreaterThan(100);
  });

  it('does not conform with an additional field, or without its sentence', () => {
    const [first, ...rest] = file.cases;
    const { sentence: _, ...without } = first!;
    expect(validate({ ...file, cases: [{ ...first, more: 1 }, ...rest] })).toBe(false);
    expect(validate({ ...file, cases: [without, ...rest] })).toBe(false);
  });
});

describe('deterministic signatures', () => {
  /** RFC 6979 A.2.5, the message "sample". */
  const privateKey = createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv: 'P-256',
      d: Buffer.from(
        'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
        'hex',
      ).toString('base64url'),
      x: Buffer.from(
        '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6',
        'hex',
      ).toString('base64url'),
      y: Buffer.from(
        '7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
        'hex',
      ).toString('base64url'),
    },
  });
  it.each([
    ['sha1', '61340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d32'],
    ['sha256', 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716'],
    ['sha384', '0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719'],
  ])('are those of RFC 6979 with %s', (hash, r) => {
    const message = Buffer.from('sample');
    const signature = ecdsaSignature(privateKey, message, hash);
    expect(signature.toString('hex')).toContain(r);
    expect(verify(hash, message, createPublicKey(privateKey), signature)).toBe(true);
  });

  it('verify under RSASSA-PSS', () => {
    const { publicKey, sign } = fixedSigner('rsa-2048', 'typed:rsa-2048');
    const message = Buffer.from('sample');
    const key = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 };
    const signature = sign!(message, 'rsa-pss-sha384')!;
    expect(verify('sha384', message, key, signature)).toBe(true);
    expect(sign!(message, 'rsa-pss-sha384')).toEqual(signature);
  });
});
