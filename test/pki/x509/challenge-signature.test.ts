import { sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { AlgorithmPolicy } from '../../../lambdas/pki/algorithm-policy.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { verifyChallengeSignature } from '../../../lambdas/pki/x509/challenge-signature.ts';
import { buildCertificate, buildName } from '../../../sandbox/pki/build-certificate.ts';
import { integer, sequence } from '../../../sandbox/pki/der-writer.ts';
import {
  generateSigner,
  type KeyType,
  type Signer,
  type SignatureScheme,
  signWith,
  spkiOf,
} from '../../../sandbox/pki/signing.ts';

const policy: AlgorithmPolicy = {
  minimumRsaBits: 2048,
  curves: ['P-256', 'P-384'],
  hashes: ['SHA-256', 'SHA-384'],
};
const challenge = Buffer.from('a challenge of 32 random octets.');

const keys = new Map<KeyType, Signer>();
function keyOf(type: KeyType): Signer {
  const key = keys.get(type) ?? generateSigner(type);
  keys.set(type, key);
  return key;
}

const certificateOf = (key: Signer) => certificateWith(spkiOf(key), key);

const certificateWith = (spki: Buffer, issuer: Signer) =>
  parseCertificate(
    buildCertificate(
      {
        serial: 1,
        issuer: buildName(['C', 'JP']),
        subject: buildName(['CN', 'opaque']),
        notBefore: new Date('2026-01-01'),
        notAfter: new Date('2031-01-01'),
        spki,
      },
      issuer,
    ),
  );

const verdictOf = (type: KeyType, signature: Uint8Array): string =>
  verifyChallengeSignature(certificateOf(keyOf(type)), challenge, signature, policy);

const signedWith = (type: KeyType, scheme: SignatureScheme): Buffer =>
  signWith({ ...keyOf(type), scheme }, challenge);

describe('the card’s signature over a challenge', () => {
  it.each([
    ['rsa-2048', 'rsa-sha256'],
    ['P-256', 'ecdsa-sha256'],
    ['P-384', 'ecdsa-sha384'],
  ] as const)('accepts the only scheme of %s: %s', (type, scheme) => {
    expect(verdictOf(type, signedWith(type, scheme))).toBe('ok');
  });

  it.each([
    ['rsa-2048', 'rsa-sha1'],
    ['rsa-2048', 'rsa-sha512'],
    ['rsa-2048', 'rsa-pss-sha256'],
    ['P-256', 'ecdsa-sha384'],
    ['P-384', 'ecdsa-sha256'],
  ] as const)('refuses %s with %s', (type, scheme) => {
    expect(verdictOf(type, signedWith(type, scheme))).toBe('challenge-signature-invalid');
  });

  // First use: DER octets; second use: the key is imported; third use: the key is in the cache.
  it.each([
    ['rsa-2048', 'rsa-sha256', 'rsa-sha512'],
    ['P-384', 'ecdsa-sha384', 'ecdsa-sha256'],
  ] as const)('gives the same result for a new key of %s on each use', (type, scheme, other) => {
    const key = generateSigner(type);
    const card = certificateOf(key);
    const right = signWith({ ...key, scheme }, challenge);
    const wrong = signWith({ ...key, scheme: other }, challenge);
    const verdicts = [wrong, right, wrong, right, right].map((signature) =>
      verifyChallengeSignature(card, challenge, signature, policy),
    );
    const invalid = 'challenge-signature-invalid';
    expect(verdicts).toEqual([invalid, 'ok', invalid, 'ok', 'ok']);
  });

  it('does not confuse a key with an earlier one', () => {
    const [one, other] = [generateSigner('P-256'), generateSigner('P-256')];
    const signature = signWith(one, challenge);
    const verdict = (key: Signer) =>
      verifyChallengeSignature(certificateOf(key), challenge, signature, policy);
    expect([one, other, one, other, one, other].map(verdict)).toEqual(
      [1, 2, 3].flatMap(() => ['ok', 'challenge-signature-invalid']),
    );
  });

  it('does not confuse a key with an earlier one of the same fingerprint', () => {
    const one = generateSigner('P-256');
    const signature = signWith(one, challenge);
    const verdict = (spki: Buffer) =>
      verifyChallengeSignature(certificateWith(spki, one), challenge, signature, policy);
    // (x, y) and (x, p - y) are both on the curve; the fingerprint is of octets of x.
    const p = BigInt('0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff');
    const spki = spkiOf(one);
    const y = p - BigInt(`0x${spki.subarray(-32).toString('hex')}`);
    const negative = Buffer.concat([
      spki.subarray(0, -32),
      Buffer.from(y.toString(16).padStart(64, '0'), 'hex'),
    ]);
    expect([spki, spki, spki, negative, spki].map(verdict)).toEqual([
      'ok',
      'ok',
      'ok',
      'challenge-signature-invalid',
      'ok',
    ]);
  });

  it('refuses a signature over another challenge', () => {
    const other = sign('sha256', Buffer.from('another one'), keyOf('rsa-2048').privateKey);
    expect(verdictOf('rsa-2048', other)).toBe('challenge-signature-invalid');
  });

  it('refuses r and s concatenated, because DER is required', () => {
    const raw = sign('sha256', challenge, {
      key: keyOf('P-256').privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    expect(verdictOf('P-256', raw)).toBe('challenge-signature-invalid');
  });

  it('refuses an ECDSA signature that is not in DER', () => {
    const der = signedWith('P-256', 'ecdsa-sha256');
    const longLength = Buffer.concat([Buffer.of(0x30, 0x81, der[1]!), der.subarray(2)]);
    const trailing = Buffer.concat([
      Buffer.of(0x30, der[1]! + 2),
      der.subarray(2),
      Buffer.of(5, 0),
    ]);
    const padded = sequence(
      Buffer.concat([Buffer.of(2, der[3]! + 1, 0), der.subarray(4, 4 + der[3]!)]),
      der.subarray(4 + der[3]!),
    );
    for (const changed of [longLength, trailing, padded, Buffer.concat([der, Buffer.of(0)])]) {
      expect(verdictOf('P-256', changed)).toBe('challenge-signature-invalid');
    }
  });

  it.each([
    ['zeros', sequence(integer(0), integer(0))],
    ['nothing', Buffer.alloc(0)],
    [
      'the order itself',
      sequence(
        integer(BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')),
        integer(1),
      ),
    ],
  ])('refuses %s for an ECDSA signature', (_, signature) => {
    expect(verdictOf('P-256', signature)).toBe('challenge-signature-invalid');
  });

  it('refuses an RSA signature with an additional leading zero octet', () => {
    const signature = signedWith('rsa-2048', 'rsa-sha256');
    expect(verdictOf('rsa-2048', Buffer.concat([Buffer.of(0), signature]))).toBe(
      'challenge-signature-invalid',
    );
  });

  it('refuses a weak key, and a key without an accepted scheme, by their codes', () => {
    expect(verdictOf('rsa-1024', signedWith('rsa-1024', 'rsa-sha256'))).toBe(
      'certificate-key-weak',
    );
    expect(verdictOf('Ed25519', signedWith('Ed25519', 'ed25519'))).toBe(
      'certificate-algorithm-unacceptable',
    );
  });
});
