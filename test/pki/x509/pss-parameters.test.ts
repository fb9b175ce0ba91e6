import { constants, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseAlgorithmIdentifier } from '../../../lambdas/pki/x509/algorithm-identifier.ts';
import { parseSubjectPublicKey } from '../../../lambdas/pki/x509/public-key.ts';
import { verifySignature } from '../../../lambdas/pki/x509/verify-signature.ts';
import {
  bitString,
  context,
  der,
  integer,
  nullValue,
  oid,
  sequence,
} from '../../../sandbox/pki/der-writer.ts';

const algorithms = {
  minimumRsaBits: 2048,
  curves: [],
  hashes: ['SHA-1', 'SHA-256', 'SHA-384'],
} as const;
const data = Buffer.from('signed with two hashes');

/** A key with the parameters SHA-256, MGF1 with SHA-1, and a salt of 32 octets. */
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

describe('RSASSA-PSS with another hash algorithm for MGF1 (RFC 4055 §3.1)', () => {
  it('is valid under a key without parameters', () => {
    expect(verifySignature({ algorithm, data, signature }, plain, algorithms)).toBe('ok');
  });

  it('is valid under a key with the same parameters', () => {
    expect(verifySignature({ algorithm, data, signature }, restricted, algorithms)).toBe('ok');
  });

  it('is invalid over other data', () => {
    const other = Buffer.from('something else');
    expect(verifySignature({ algorithm, data: other, signature }, plain, algorithms)).toBe(
      'certificate-signature-invalid',
    );
  });

  it('is refused if the policy does not accept the MGF1 hash algorithm', () => {
    const modern = { ...algorithms, hashes: ['SHA-256'] } as const;
    expect(verifySignature({ algorithm, data, signature }, plain, modern)).toBe(
      'certificate-algorithm-unacceptable',
    );
  });
});

const pss = '1.2.840.113549.1.1.10';
const mgf1 = '1.2.840.113549.1.1.8';
const sha256 = sequence(oid('2.16.840.1.101.3.4.2.1'), nullValue());
const sha384 = sequence(oid('2.16.840.1.101.3.4.2.2'), nullValue());

/** RSASSA-PSS-params with SHA-256, MGF1 with SHA-256 and a salt of 32 octets, with the given changes. */
const parameters = (change: {
  readonly hash?: Buffer;
  readonly mask?: Buffer;
  readonly salt?: Buffer;
  readonly trailing?: Buffer;
}): Buffer =>
  sequence(
    context(0, change.hash ?? sha256),
    context(1, change.mask ?? sequence(oid(mgf1), sha256)),
    context(2, change.salt ?? integer(32)),
    ...(change.trailing ? [change.trailing] : []),
  );

const free = generateKeyPairSync('rsa', { modulusLength: 2048 });
const freeKey = parseSubjectPublicKey(free.publicKey.export({ type: 'spki', format: 'der' }));
const usual = sign('sha256', data, { key: free.privateKey, padding, saltLength: 32 });

const outcomeOf = (ofSignature: readonly Buffer[], ofKey?: readonly Buffer[]): string =>
  verifySignature(
    {
      algorithm: parseAlgorithmIdentifier(sequence(oid(pss), ...ofSignature)),
      data,
      signature: usual,
    },
    ofKey
      ? parseSubjectPublicKey(sequence(sequence(oid(pss), ...ofKey), bitString(freeKey.keyBits)))
      : freeKey,
    algorithms,
  );

const invalid = 'certificate-signature-invalid';
const unacceptable = 'certificate-algorithm-unacceptable';

describe('parameters of RSASSA-PSS (RFC 4055 §3.1)', () => {
  it.each<[string, string, readonly Buffer[]]>([
    ['the usual ones', 'ok', [parameters({})]],
    ['none', unacceptable, []],
    ['NULL', unacceptable, [nullValue()]],
    ['the defaults, SHA-1 and 20 octets', invalid, [sequence()]],
    ['an explicit trailerField 1', 'ok', [parameters({ trailing: context(3, integer(1)) })]],
    ['trailer 2', unacceptable, [parameters({ trailing: context(3, integer(2)) })]],
    ['an undefined field', unacceptable, [parameters({ trailing: context(4, integer(1)) })]],
    ['another salt length', invalid, [parameters({ salt: integer(31) })]],
    ['a negative salt length', unacceptable, [parameters({ salt: der(2, Buffer.of(0xe0)) })]],
    ['a salt length above the limit', unacceptable, [parameters({ salt: integer(1025) })]],
    ['another hash', invalid, [parameters({ hash: sha384 })]],
    ['another mask generation function', unacceptable, [parameters({ mask: sequence(oid(pss)) })]],
    ['MGF1 without its hash', unacceptable, [parameters({ mask: sequence(oid(mgf1)) })]],
  ])('of a signature: %s: %s', (_situation, expected, ofSignature) => {
    expect(outcomeOf(ofSignature)).toBe(expected);
  });

  it.each<[string, string, readonly Buffer[]]>([
    ['the same', 'ok', [parameters({})]],
    ['none', 'ok', []],
    ['a shorter salt', 'ok', [parameters({ salt: integer(20) })]],
    ['a longer salt', invalid, [parameters({ salt: integer(33) })]],
    ['another hash', invalid, [parameters({ hash: sha384 })]],
    ['another MGF1 hash algorithm', invalid, [parameters({ mask: sequence(oid(mgf1), sha384) })]],
    ['the defaults, SHA-1 and 20 octets', invalid, [sequence()]],
    ['NULL', unacceptable, [nullValue()]],
  ])('of the key that signed: %s: %s', (_situation, expected, ofKey) => {
    expect(outcomeOf([parameters({})], ofKey)).toBe(expected);
  });
});
