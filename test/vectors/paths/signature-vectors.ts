import { sequence, oid, nullValue, bitString, integer } from '../../../sandbox/pki/der-writer.ts';
import { parseSubjectPublicKey } from '../../../lambdas/pki/x509/public-key.ts';
import {
  algorithmOf,
  type KeyType,
  type SignatureScheme,
  spkiOf,
} from '../../../sandbox/pki/signing.ts';
import { type PathVector, signer } from './chain.ts';

const keyOf = (type: KeyType): string => `typed:${type}`;

/** A leaf signed by an authority with a key of this type. */
const signedWith = (type: KeyType, scheme?: SignatureScheme): PathVector['differs'] => ({
  authority: { key: keyOf(type) },
  leaf: scheme === undefined ? {} : { scheme },
});

/** Flips one bit of the signature, the last field of a certificate. */
const flipLast = (der: Buffer): Buffer => {
  const changed = Buffer.from(der);
  changed[changed.length - 1]! ^= 1;
  return changed;
};

/** Signatures, keys and algorithms (RFC 5280 §6.1.3 (a)(1), under the caller's policy). */
export const signatureVectors: readonly PathVector[] = [
  {
    id: 'signature/rsa-sha256',
    clause: 'RFC 4055 §5',
    expected: 'valid',
    differs: signedWith('rsa-2048'),
  },
  {
    id: 'signature/rsa-sha512',
    clause: 'RFC 4055 §5',
    expected: 'valid',
    differs: signedWith('rsa-2048', 'rsa-sha512'),
  },
  {
    id: 'signature/rsa-pss',
    clause: 'RFC 4055 §3',
    expected: 'valid',
    differs: signedWith('rsa-2048', 'rsa-pss-sha256'),
  },
  {
    id: 'signature/rsa-pss-with-the-longest-salt',
    clause: 'RFC 8017 §9.1.1',
    expected: 'valid',
    differs: signedWith('rsa-2048', 'rsa-pss-sha256-salt-222'),
  },
  {
    id: 'signature/rsa-pss-by-a-key-restricted-to-it',
    clause: 'RFC 4055 §3.3',
    expected: 'valid',
    differs: {
      authority: { key: keyOf('rsa-2048'), spki: restrictedToPss() },
      leaf: { scheme: 'rsa-pss-sha256' },
    },
  },
  {
    id: 'signature/rsa-pss-by-a-key-restricted-to-another-hash',
    clause: 'RFC 4055 §3.3',
    expected: 'certificate-signature-invalid',
    check: 'signature',
    differs: {
      authority: { key: keyOf('rsa-2048'), spki: restrictedToPss() },
      leaf: { scheme: 'rsa-pss-sha384' },
    },
  },
  {
    id: 'signature/rsa-pkcs1-by-a-key-restricted-to-pss',
    clause: 'RFC 4055 §1.2',
    expected: 'certificate-signature-invalid',
    check: 'signature',
    differs: { authority: { key: keyOf('rsa-2048'), spki: restrictedToPss() } },
  },
  {
    id: 'signature/ecdsa-p256',
    clause: 'RFC 5758 §3.2',
    expected: 'valid',
    differs: signedWith('P-256'),
  },
  {
    id: 'signature/ecdsa-p384',
    clause: 'RFC 5758 §3.2',
    expected: 'valid',
    differs: signedWith('P-384'),
  },
  {
    id: 'signature/ed25519',
    clause: 'RFC 8410 §6',
    expected: 'valid',
    differs: signedWith('Ed25519'),
  },
  {
    id: 'signature/leaf-bit-flipped',
    clause: '§6.1.3 (a)(1)',
    expected: 'certificate-signature-invalid',
    check: 'signature',
    differs: { leaf: { rewrite: flipLast } },
  },
  {
    id: 'signature/authority-bit-flipped',
    clause: '§6.1.3 (a)(1)',
    expected: 'certificate-signature-invalid',
    check: 'signature',
    differs: { authority: { rewrite: flipLast } },
  },
  {
    id: 'signature/by-another-key',
    clause: '§6.1.3 (a)(1)',
    expected: 'certificate-signature-invalid',
    check: 'signature',
    differs: { leaf: { signedBy: 'stranger' } },
  },
  {
    id: 'signature/rsa-sha1',
    clause: 'algorithm policy',
    expected: 'certificate-algorithm-unacceptable',
    check: 'signature',
    differs: signedWith('rsa-2048', 'rsa-sha1'),
  },
  {
    id: 'signature/rsa-sha1-where-policy-allows',
    clause: 'algorithm policy',
    expected: 'valid',
    differs: {
      ...signedWith('rsa-2048', 'rsa-sha1'),
      input: {
        algorithms: { minimumRsaBits: 2048, curves: ['P-256'], hashes: ['SHA-1', 'SHA-256'] },
      },
    },
  },
  {
    id: 'signature/rsa-md5',
    clause: 'algorithm policy',
    expected: 'certificate-algorithm-unacceptable',
    check: 'signature',
    differs: signedWith('rsa-2048', 'rsa-md5'),
  },
  {
    id: 'signature/ecdsa-sha1',
    clause: 'algorithm policy',
    expected: 'certificate-algorithm-unacceptable',
    check: 'signature',
    differs: signedWith('P-256', 'ecdsa-sha1'),
  },
  {
    id: 'signature/rsa-1024',
    clause: 'algorithm policy',
    expected: 'certificate-key-weak',
    check: 'signature',
    differs: signedWith('rsa-1024'),
  },
  {
    id: 'signature/curve-not-allowed',
    clause: 'algorithm policy',
    expected: 'certificate-algorithm-unacceptable',
    check: 'signature',
    differs: {
      ...signedWith('P-384'),
      input: {
        algorithms: { minimumRsaBits: 2048, curves: ['P-256'], hashes: ['SHA-256', 'SHA-384'] },
      },
    },
  },
  {
    id: 'signature/rsa-algorithm-without-null',
    clause: 'RFC 4055 §5',
    expected: 'valid',
    differs: {
      authority: { key: keyOf('rsa-2048') },
      leaf: { tbsAlgorithm: withoutNull(), rewrite: outerWithoutNull },
    },
  },
  {
    id: 'signature/key-in-compressed-point',
    clause: 'RFC 5480 §2.2',
    expected: 'certificate-algorithm-unacceptable',
    check: 'signature',
    differs: { authority: { spki: compressedPoint() } },
  },
  {
    id: 'signature/rsa-exponent-one',
    clause: 'RFC 8017 §3.1',
    expected: 'certificate-algorithm-unacceptable',
    check: 'signature',
    differs: { authority: { key: keyOf('rsa-2048'), spki: exponentOne() } },
  },
  {
    id: 'key/of-the-leaf-weak',
    clause: 'algorithm policy',
    expected: 'certificate-key-weak',
    check: 'subject-key',
    differs: { leaf: { key: keyOf('rsa-1024') } },
  },
  {
    id: 'key/of-the-leaf-not-on-its-curve',
    clause: 'SEC 1 §3.2.2.1',
    expected: 'certificate-algorithm-unacceptable',
    check: 'subject-key',
    differs: { leaf: { spki: flipLast(spkiOf(signer('leaf'))) } },
  },
  {
    id: 'key/of-the-leaf-on-P-384',
    clause: 'SEC 1 §3.2.2.1',
    expected: 'valid',
    differs: { leaf: { key: keyOf('P-384') } },
  },
  {
    id: 'key/of-the-leaf-on-an-unknown-curve',
    clause: 'RFC 5480 §2.1.1',
    expected: 'certificate-algorithm-unacceptable',
    check: 'subject-key',
    differs: { leaf: { spki: unknownCurve() } },
  },
];

/** The RSA key under id-RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 octets. */
function restrictedToPss(): Buffer {
  const { keyBits } = parseSubjectPublicKey(spkiOf(signer(keyOf('rsa-2048'))));
  return sequence(algorithmOf('rsa-pss-sha256'), bitString(keyBits));
}

function unknownCurve(): Buffer {
  const point = spkiOf(signer('leaf')).subarray(-65);
  return sequence(sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.9.7')), bitString(point));
}

function withoutNull(): Buffer {
  return sequence(oid('1.2.840.113549.1.1.11'));
}

/** Changes signatureAlgorithm as well, so that both fields are equal and only the NULL is missing. */
function outerWithoutNull(der: Buffer): Buffer {
  const withNull = sequence(oid('1.2.840.113549.1.1.11'), nullValue());
  const position = der.lastIndexOf(withNull);
  const body = Buffer.concat([
    der.subarray(4, position),
    withoutNull(),
    der.subarray(position + withNull.length),
  ]);
  return sequence(body);
}

function compressedPoint(): Buffer {
  const point = spkiOf(signer('authority0')).subarray(-65);
  const compressed = Buffer.concat([Buffer.of(2 + (point[64]! & 1)), point.subarray(1, 33)]);
  return sequence(
    sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
    bitString(compressed),
  );
}

function exponentOne(): Buffer {
  const modulus = Buffer.from(
    signer(keyOf('rsa-2048')).publicKey.export({ format: 'jwk' }).n!,
    'base64url',
  );
  const key = sequence(integer(modulus), integer(1));
  return sequence(sequence(oid('1.2.840.113549.1.1.1'), nullValue()), bitString(key));
}
