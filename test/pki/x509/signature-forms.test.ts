import { constants, createHash, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseAlgorithmIdentifier } from '../../../lambdas/pki/x509/algorithm-identifier.ts';
import { parseSubjectPublicKey } from '../../../lambdas/pki/x509/public-key.ts';
import { verifySignature } from '../../../lambdas/pki/x509/verify-signature.ts';
import { der, integer, sequence } from '../../../sandbox/pki/der-writer.ts';
import { algorithmOf, generateSigner, spkiOf, type Signer } from '../../../sandbox/pki/signing.ts';

const algorithms = {
  minimumRsaBits: 2048,
  curves: ['P-256', 'Ed25519'],
  hashes: ['SHA-256'],
} as const;
const data = Buffer.from('challenge');

const outcomeOf = (signer: Signer, signature: Uint8Array): string =>
  verifySignature(
    { algorithm: parseAlgorithmIdentifier(algorithmOf(signer.scheme)), data, signature },
    parseSubjectPublicKey(spkiOf(signer)),
    algorithms,
  );
const invalid = 'certificate-signature-invalid';

/** Exponent 3: with a lenient padding check, signatures could be forged. */
const rsa: Signer = {
  ...generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }),
  scheme: 'rsa-sha256',
};
const digest = createHash('sha256').update(data).digest();
const digestInfo = (beginning: string): Buffer =>
  Buffer.concat([Buffer.from(beginning, 'hex'), digest]);
const usual = digestInfo('3031300d060960864801650304020105000420');

/** Signs this EMSA-PKCS1-v1_5 encoding (RFC 8017 §9.2): 00, block type, padding, 00, T, trailing octets. */
function rsaSignature(
  t: Buffer,
  change: { type?: number; fill?: number; separator?: number; trailing?: number } = {},
): Buffer {
  const { type = 1, fill = 0xff, separator = 0, trailing = 0 } = change;
  const padding = Buffer.alloc(256 - 3 - t.length - trailing, fill);
  const tail = Buffer.alloc(trailing, 0xaa);
  const encoded = Buffer.concat([Buffer.of(0, type), padding, Buffer.of(separator), t, tail]);
  return privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, encoded);
}

describe('RSASSA-PKCS1-v1_5 has one form (RFC 8017 §8.2.2)', () => {
  it.each<[string, string, Buffer]>([
    ['the usual one', 'ok', rsaSignature(usual)],
    ['no NULL', invalid, rsaSignature(digestInfo('302f300b06096086480165030402010420'))],
    [
      'a long length',
      invalid,
      rsaSignature(digestInfo('308131300d060960864801650304020105000420')),
    ],
    ['another hash', invalid, rsaSignature(digestInfo('3031300d060960864801650304020305000420'))],
    ['the bare digest', invalid, rsaSignature(digest)],
    ['block type 0', invalid, rsaSignature(usual, { type: 0 })],
    ['block type 2', invalid, rsaSignature(usual, { type: 2 })],
    ['other padding', invalid, rsaSignature(usual, { fill: 0xfe })],
    ['no separator', invalid, rsaSignature(usual, { separator: 1 })],
    ['trailing octets after the digest', invalid, rsaSignature(usual, { trailing: 1 })],
    ['short padding and many trailing octets', invalid, rsaSignature(usual, { trailing: 194 })],
    ['one octet less', invalid, rsaSignature(usual).subarray(1)],
    ['an octet more', invalid, Buffer.concat([Buffer.of(0), rsaSignature(usual)])],
    ['nothing', invalid, Buffer.alloc(0)],
    ['zero', invalid, Buffer.alloc(256)],
  ])('%s: %s', (_form, expected, signature) => {
    expect(outcomeOf(rsa, signature)).toBe(expected);
  });
});

const curve = generateSigner('P-256');
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const sides = sign('sha256', data, { key: curve.privateKey, dsaEncoding: 'ieee-p1363' });
const r = BigInt(`0x${sides.toString('hex', 0, 32)}`);
const s = BigInt(`0x${sides.toString('hex', 32)}`);
const [R, S] = [integer(r), integer(s)];
const pair = sequence(R, S);

describe('an ECDSA signature has one form (RFC 3279 §2.2.3, X.690 §10)', () => {
  it.each<[string, string, Buffer]>([
    ['r and s', 'ok', pair],
    ['r and n − s, which is equally valid', 'ok', sequence(R, integer(order - s))],
    ['r + n', invalid, sequence(integer(r + order), S)],
    ['s + n', invalid, sequence(R, integer(s + order))],
    ['zeros', invalid, sequence(integer(0), integer(0))],
    ['ones', invalid, sequence(integer(1), integer(1))],
    ['n and n', invalid, sequence(integer(order), integer(order))],
    ['a negative r', invalid, sequence(der(2, Buffer.of(0xff)), S)],
    ['a zero octet before r', invalid, sequence(der(2, Buffer.of(0), R.subarray(2)), S)],
    ['a long length', invalid, Buffer.concat([Buffer.of(0x30, 0x81), pair.subarray(1)])],
    ['data after s', invalid, sequence(R, S, Buffer.of(5, 0))],
    ['data after the SEQUENCE', invalid, Buffer.concat([pair, Buffer.of(5, 0)])],
    ['no s', invalid, sequence(R)],
    ['other types than INTEGER', invalid, sequence(der(1, Buffer.of(0xff)), S)],
    ['a SET', invalid, der(0x31, R, S)],
    ['r and s concatenated', invalid, sides],
    ['nothing', invalid, Buffer.alloc(0)],
  ])('%s: %s', (_form, expected, signature) => {
    expect(outcomeOf(curve, signature)).toBe(expected);
  });
});

const edwards = generateSigner('Ed25519');
const good = sign(null, data, edwards.privateKey);

/** S + L, little-endian: the same point, another number (RFC 8032 §5.1.7: S in 0 … L − 1). */
function beyondTheOrder(): Buffer {
  const order25519 = 2n ** 252n + 27742317777372353535851937790883648493n;
  const number = BigInt(`0x${Buffer.from(good.subarray(32).toReversed()).toString('hex')}`);
  const sum = (number + order25519).toString(16).padStart(64, '0');
  const moved = Buffer.from(sum, 'hex').toReversed();
  return Buffer.concat([good.subarray(0, 32), moved]);
}

describe('an Ed25519 signature has one form (RFC 8032 §5.1.7)', () => {
  it.each<[string, string, Buffer]>([
    ['R and S', 'ok', good],
    ['S beyond the order', invalid, beyondTheOrder()],
    ['an octet less', invalid, good.subarray(0, 63)],
    ['an octet more', invalid, Buffer.concat([good, Buffer.of(0)])],
    ['zeros', invalid, Buffer.alloc(64)],
  ])('%s: %s', (_form, expected, signature) => {
    expect(outcomeOf(edwards, signature)).toBe(expected);
  });
});
