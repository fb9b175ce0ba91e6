import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseAlgorithmIdentifier } from '../../../lambdas/core/x509/algorithm-identifier.ts';
import { parseSubjectPublicKey } from '../../../lambdas/core/x509/public-key.ts';
import { verifySignature } from '../../../lambdas/core/x509/verify-signature.ts';
import { bitString, oid, nullValue, sequence } from '../../../sandbox/pki/der-writer.ts';

const algorithms = {
  minimumRsaBits: 2048,
  curves: [],
  hashes: ['SHA-1', 'SHA-256', 'SHA-384'],
} as const;
const data = Buffer.from('signed with two hashes');

/** SHA-256 over the data, MGF1 with SHA-1, salt of 32 octets: a key that is restricted to just that. */
const pair = generateKeyPairSync('rsa-pss', {
  modulusLength: 2048,
  hashAlgorithm: 'sha256',
  mgf1HashAlgorithm: 'sha1',
});
const padding = constants.RSA_PKCS1_PSS_PADDING;
const signature = sign('sha256', data, { key: pair.privateKey, padding, saltLength: 32 });
const restricted = parseSubjectPublicKey(pair.publicKey.export({ type: 'spki', format: 'der' }));
const algorithm = parseAlgorithmIdentifier(restricted.keyAlgorithm.der);
const plain = parseSubjectPublicKey(
  sequence(sequence(oid('1.2.840.113549.1.1.1'), nullValue()), bitString(restricted.keyBits)),
);

describe('RSASSA-PSS whose mask has a hash of its own (RFC 4055 §3.1)', () => {
  it('holds under a key that allows every scheme', () => {
    expect(verifySignature({ algorithm, data, signature }, plain, algorithms)).toBe('ok');
  });

  it('holds under the key that is restricted to it', () => {
    expect(verifySignature({ algorithm, data, signature }, restricted, algorithms)).toBe('ok');
  });

  it('does not hold over other data', () => {
    const other = Buffer.from('something else');
    expect(verifySignature({ algorithm, data: other, signature }, plain, algorithms)).toBe(
      'certificate-signature-invalid',
    );
  });

  it('is refused where policy does not accept the hash of the mask', () => {
    const modern = { ...algorithms, hashes: ['SHA-256'] } as const;
    expect(verifySignature({ algorithm, data, signature }, plain, modern)).toBe(
      'certificate-algorithm-unacceptable',
    );
  });
});
