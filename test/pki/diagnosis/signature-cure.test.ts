import { constants, createHash, privateEncrypt, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { signatureCure } from '../../../lambdas/pki/diagnosis/signature-cure.ts';
import { engineLimits } from '../../../lambdas/pki/limits.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { buildCertificate, buildName } from '../../../sandbox/pki/build-certificate.ts';
import { generateSigner, spkiOf, type KeyType } from '../../../sandbox/pki/signing.ts';

const text = 'my-key-platform/challenge/1 issuer=https://a.test service=svc_a nonce=AbC mac=xyz';
const challenge = Buffer.from(text);
const nonce = { cure: 'sign the whole text', octets: Buffer.from('AbC') };

const holder = (type: KeyType) => {
  const signer = generateSigner(type);
  const certificate = parseCertificate(
    buildCertificate(
      {
        serial: 1,
        issuer: buildName(['C', 'JP']),
        subject: buildName(['CN', 'opaque']),
        notBefore: new Date('2026-01-01'),
        notAfter: new Date('2031-01-01'),
        spki: spkiOf(signer),
      },
      signer,
    ),
  );
  return { key: signer.privateKey, certificate };
};
const [rsa, p256, p384] = [holder('rsa-2048'), holder('P-256'), holder('P-384')];
const stranger = holder('rsa-2048');

const ascii = (of: string): Buffer => Buffer.from(of, 'latin1');
const sha256 = (of: Uint8Array): Buffer => createHash('sha256').update(of).digest();
const raw = (octets: Uint8Array, key: KeyObject): Buffer =>
  privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, octets);
const good = sign('sha256', challenge, rsa.key);
const goodPair = sign('sha256', challenge, p256.key);
const side = sign('sha256', challenge, { key: p256.key, dsaEncoding: 'ieee-p1363' });

/** Other messages that were signed, for every key type. */
const otherMessages: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['the base64 text', ascii(challenge.toString('base64')), /their base64 text$/],
  ['the base64url text', ascii(challenge.toString('base64url')), /base64(url)? text$/],
  ['the hexadecimal text', ascii(challenge.toString('hex')), /their hexadecimal text$/],
  ['the hash', sha256(challenge), /^hash the challenge once/],
  ['the hash in hexadecimal', ascii(sha256(challenge).toString('hex')), /SHA-256 in hexadecimal$/],
  ['a line end', ascii(`${text}\n`), /line end \(LF\)/],
  ['a DOS line end', ascii(`${text}\r\n`), /line end \(CRLF\)/],
  ['a zero octet', ascii(`${text}\0`), /followed by a zero octet/],
  ['the JSON string', ascii(JSON.stringify(text)), /quotation marks/],
  ['the JSON object', ascii(JSON.stringify({ challenge: text })), /JSON object/],
  ['UTF-16', Buffer.from(text, 'utf16le'), /UTF-16 \(little-endian\)/],
  ['an empty message', Buffer.alloc(0), /an empty message/],
  ['the nonce', nonce.octets, /^sign the whole text$/],
];

describe('a signature over another message', () => {
  it.each(otherMessages)('%s', (_name, octets, cure) => {
    for (const { certificate, key } of [rsa, p256]) {
      expect(signatureCure(certificate, challenge, sign('sha256', octets, key), [nonce])).toMatch(
        cure,
      );
    }
    const next = sign('sha384', octets, p384.key);
    expect(signatureCure(p384.certificate, challenge, next, [nonce])).toMatch(cure);
  });
});

describe('the search for the message', () => {
  it('ends after a bounded number of verifications, however many messages are offered', () => {
    const signature = sign('sha256', nonce.octets, p256.key);
    const others = Array.from({ length: engineLimits.diagnosisVerifications }, (_, n) => ({
      cure: 'another',
      octets: Buffer.from(`other ${n}`),
    }));
    const offered = (messages: typeof others) =>
      signatureCure(p256.certificate, challenge, signature, messages);
    expect(offered([nonce, ...others])).toBe('sign the whole text');
    expect(offered([...others, nonce])).not.toContain('sign the whole text');
  });
});

describe('a signature in another encoding', () => {
  it.each<[string, typeof rsa, Uint8Array, RegExp]>([
    [
      'hexadecimal as octets',
      rsa,
      ascii(good.toString('hex')),
      /^encode .* decoded, it is hexadecimal$/,
    ],
    // Hexadecimal digits are also valid base64.
    [
      'hexadecimal as base64',
      rsa,
      Buffer.from(good.toString('hex'), 'base64'),
      /once: it is hexadecimal$/,
    ],
    ['base64 twice', rsa, ascii(good.toString('base64')), /decoded, it is base64 text$/],
    ['base64url in base64', rsa, ascii(good.toString('base64url')), /decoded, it is base64 text$/],
    [
      'base64 with line ends',
      rsa,
      ascii(good.toString('base64').replaceAll(/.{64}/g, '$&\n')),
      /base64 text$/,
    ],
    ['little-endian', rsa, Buffer.from(Uint8Array.from(good).toReversed()), /octets are reversed$/],
    [
      'a BIT STRING',
      rsa,
      Buffer.concat([Buffer.from('0382010100', 'hex'), good]),
      /BIT STRING around it$/,
    ],
    [
      'an OCTET STRING',
      rsa,
      Buffer.concat([Buffer.from('04820100', 'hex'), good]),
      /OCTET STRING around it$/,
    ],
    [
      'a status word',
      rsa,
      Buffer.concat([good, Buffer.from('9000', 'hex')]),
      /status word 90 00 at the end$/,
    ],
    ['a line end', rsa, Buffer.concat([good, Buffer.from('\n')]), /line end after it$/],
    [
      'SHA-1',
      rsa,
      sign('sha1', challenge, rsa.key),
      /^hash the challenge with SHA-256: SHA-1 was used$/,
    ],
    ['SHA-384', rsa, sign('sha384', challenge, rsa.key), /SHA-256: SHA-384 was used$/],
    [
      'SHA-1 over base64',
      rsa,
      sign('sha1', ascii(challenge.toString('base64')), rsa.key),
      /base64 text; hash with SHA-256$/,
    ],
    [
      'PSS',
      rsa,
      sign('sha256', challenge, { key: rsa.key, padding: constants.RSA_PKCS1_PSS_PADDING }),
      /this is RSASSA-PSS$/,
    ],
    [
      'a digest without DigestInfo',
      rsa,
      raw(sha256(challenge), rsa.key),
      /^put the digest into a DigestInfo/,
    ],
    ['no digest at all', rsa, raw(challenge, rsa.key), /^hash the challenge with SHA-256 and put/],
    [
      '128 octets',
      rsa,
      good.subarray(0, 128),
      /^send the 256 octets .*: the signature has 128 octets$/,
    ],
    [
      'another message',
      rsa,
      sign('sha256', ascii('else'), rsa.key),
      /^sign exactly the 81 octets .* signed others$/,
    ],
    ["another's key", rsa, sign('sha256', challenge, stranger.key), /fits neither$/],
    ['r and s concatenated', p256, side, /^send ECDSA signatures in DER/],
    [
      'r and s in hexadecimal',
      p256,
      ascii(side.toString('hex')),
      /hexadecimal; send ECDSA signatures in DER/,
    ],
    ['SHA-384 on P-256', p256, sign('sha384', challenge, p256.key), /SHA-256: SHA-384 was used$/],
    ['SHA-256 on P-384', p384, sign('sha256', challenge, p384.key), /SHA-384: SHA-256 was used$/],
    ['no pair', p256, Buffer.alloc(10, 1), /^send the signature in DER, r and s: its 10 octets/],
    ["another's pair", p384, goodPair, /fits neither$/],
    ['a JWS', rsa, ascii('eyJhbGciOiJFUzI1NiJ9..c2ln'), /this is a JWS$/],
  ])('%s', (_name, { certificate }, signature, cure) => {
    expect(signatureCure(certificate, challenge, signature)).toMatch(cure);
  });
});
