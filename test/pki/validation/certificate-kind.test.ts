import { describe, expect, it } from '@jest/globals';
import { decideKind, type KindVerdict } from '../../../lambdas/pki/validation/certificate-kind.ts';
import type { CertificateKind, TrustProfile } from '../../../lambdas/pki/trust-profile.ts';
import { parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import {
  buildCertificate,
  buildName,
  certificateExtensions as make,
} from '../../../sandbox/pki/build-certificate.ts';
import { generateSigner, spkiOf } from '../../../sandbox/pki/signing.ts';

const authenticationPolicy = '1.2.392.200149.8.5.1.3.30';
const signaturePolicy = '1.2.392.200149.8.5.1.1.20';
const clientAuth = '1.3.6.1.5.5.7.3.2';

const kinds: TrustProfile['kinds'] = {
  'user-authentication': {
    policies: [authenticationPolicy],
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: clientAuth,
  },
  'digital-signature': {
    policies: [signaturePolicy],
    keyUsage: ['digitalSignature', 'nonRepudiation'],
  },
};

const key = generateSigner('P-256');

function kindOf(
  extensions: readonly Buffer[],
  wanted: CertificateKind | 'any',
  anchor: CertificateKind,
): KindVerdict {
  const der = buildCertificate(
    {
      serial: 1,
      issuer: buildName(['C', 'JP']),
      subject: buildName(['CN', 'opaque']),
      notBefore: new Date('2026-01-01'),
      notAfter: new Date('2031-01-01'),
      spki: spkiOf(key),
      extensions,
    },
    key,
  );
  return decideKind(parseCertificate(der), anchor, wanted, kinds);
}

const authentication = [
  make.keyUsage('digitalSignature'),
  make.extendedKeyUsage(clientAuth),
  make.certificatePolicies(authenticationPolicy),
];
const signature = [
  make.keyUsage('digitalSignature', 'nonRepudiation'),
  make.certificatePolicies(signaturePolicy),
];

describe('the kind of a certificate', () => {
  it('distinguishes both kinds by policy', () => {
    expect(kindOf(authentication, 'any', 'user-authentication')).toEqual({
      kind: 'user-authentication',
    });
    expect(kindOf(signature, 'any', 'digital-signature')).toEqual({ kind: 'digital-signature' });
  });

  it('refuses a signature certificate for a login', () => {
    expect(kindOf(signature, 'user-authentication', 'digital-signature')).toMatchObject({
      code: 'certificate-kind-wrong',
      kind: 'digital-signature',
    });
  });

  it('refuses a user-authentication certificate where a signature certificate is required', () => {
    expect(kindOf(authentication, 'digital-signature', 'user-authentication')).toMatchObject({
      code: 'certificate-kind-wrong',
      kind: 'user-authentication',
    });
  });

  it('refuses a user-authentication certificate from the CA of signature certificates', () => {
    expect(kindOf(authentication, 'user-authentication', 'digital-signature')).toMatchObject({
      code: 'certificate-kind-wrong',
      rule: 'anchor',
    });
  });

  it.each([
    ['without a policy', authentication.slice(0, 2)],
    ['with anyPolicy', [...authentication.slice(0, 2), make.certificatePolicies('2.5.29.32.0')]],
    [
      'with the policies of both kinds',
      [
        ...authentication.slice(0, 2),
        make.certificatePolicies(authenticationPolicy, signaturePolicy),
      ],
    ],
    [
      'with an unknown policy',
      [...authentication.slice(0, 2), make.certificatePolicies('1.2.3.4')],
    ],
  ])('finds no kind for a certificate %s', (_, extensions) => {
    expect(kindOf(extensions, 'any', 'user-authentication')).toMatchObject({
      code: 'certificate-policy-unacceptable',
    });
  });

  it.each([
    ['key-usage', [make.keyUsage('keyEncipherment'), ...authentication.slice(1)]],
    ['key-usage', authentication.slice(1)],
    ['extended-key-usage', [authentication[0]!, authentication[2]!]],
    [
      'extended-key-usage',
      [authentication[0]!, make.extendedKeyUsage('2.5.29.37.0'), authentication[2]!],
    ],
    ['end-entity', [...authentication, make.basicConstraints(true)]],
  ])('refuses a user-authentication certificate with another %s', (rule, extensions) => {
    expect(kindOf(extensions, 'user-authentication', 'user-authentication')).toMatchObject({
      code: 'certificate-kind-wrong',
      rule,
    });
  });
});
