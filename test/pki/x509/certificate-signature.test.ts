import { describe, expect, it } from '@jest/globals';
import type { AlgorithmPolicy } from '../../../lambdas/pki/algorithm-policy.ts';
import { type Certificate, parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import { verifyCertificateSignature } from '../../../lambdas/pki/x509/certificate-signature.ts';
import { parseSubjectPublicKey } from '../../../lambdas/pki/x509/public-key.ts';
import { buildCertificate, buildName } from '../../../sandbox/pki/build-certificate.ts';
import { generateSigner, type Signer, spkiOf } from '../../../sandbox/pki/signing.ts';

const policy: AlgorithmPolicy = { minimumRsaBits: 2048, curves: ['P-256'], hashes: ['SHA-256'] };
const authority = generateSigner('P-256');
const certificate = buildCertificate(
  {
    serial: 7,
    issuer: buildName(['CN', 'Authority']),
    subject: buildName(['CN', 'Holder']),
    spki: spkiOf(generateSigner('P-256')),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2027-01-01T00:00:00Z'),
  },
  authority,
);
const keyOf = (signer: Signer) => parseSubjectPublicKey(spkiOf(signer));

/** Parses the same octets again, as a later request does. */
const shownAgain = (): Certificate => parseCertificate(Buffer.from(certificate));

describe('the cache of valid signatures', () => {
  it('returns ok the first time and again', () => {
    for (const shown of [shownAgain(), shownAgain()]) {
      expect(verifyCertificateSignature(shown, keyOf(authority), policy)).toBe('ok');
    }
  });

  it('does not apply to another key of the same type', () => {
    expect(verifyCertificateSignature(shownAgain(), keyOf(generateSigner('P-256')), policy)).toBe(
      'certificate-signature-invalid',
    );
  });

  it.each(['tbs', 'signature'] as const)('does not apply to other octets in the %s', (part) => {
    const shown = shownAgain();
    const last = shown[part].byteOffset - shown.der.byteOffset + shown[part].length - 1;
    const altered = Buffer.from(certificate);
    altered[last]! ^= 1;
    expect(verifyCertificateSignature(parseCertificate(altered), keyOf(authority), policy)).toBe(
      'certificate-signature-invalid',
    );
  });

  it('does not replace the check of the policy', () => {
    const stricter = { ...policy, hashes: ['SHA-384'] } as const;
    expect(verifyCertificateSignature(shownAgain(), keyOf(authority), stricter)).toBe(
      'certificate-algorithm-unacceptable',
    );
    const otherCurve = { ...policy, curves: ['P-384'] } as const;
    expect(verifyCertificateSignature(shownAgain(), keyOf(authority), otherCurve)).toBe(
      'certificate-algorithm-unacceptable',
    );
  });
});
