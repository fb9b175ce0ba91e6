import { describe, expect, it } from '@jest/globals';
import { parseTrustProfile } from '../../lambdas/platform/trust-profile-json.ts';
import { buildCaCertificate, buildName } from '../../sandbox/pki/build-certificate.ts';
import { generateSigner } from '../../sandbox/pki/signing.ts';

const anchor = buildCaCertificate({
  serial: 1,
  subject: buildName(['C', 'JP'], ['O', 'JPKI-SANDBOX']),
  notBefore: new Date('2023-01-01'),
  notAfter: new Date('2033-01-01'),
  signer: generateSigner('P-256'),
});

const profile = {
  name: 'sandbox',
  anchors: [
    {
      id: 'user-authentication-2023',
      kind: 'user-authentication',
      certificate: anchor.toString('base64'),
    },
  ],
  kinds: {
    'user-authentication': {
      policies: ['1.2.3'],
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: '1.3.6.1.5.5.7.3.2',
    },
    'digital-signature': { policies: ['1.2.4'], keyUsage: ['digitalSignature', 'nonRepudiation'] },
  },
  algorithms: { minimumRsaBits: 2048, curves: ['P-384'], hashes: ['SHA-256'] },
  clockSkewMs: 60_000,
  crlMaxAgeMs: 86_400_000,
  ocspMaxAgeMs: 600_000,
  ocspResponders: [{ anchorId: 'user-authentication-2023', url: 'http://127.0.0.1/ocsp' }],
  crlSources: [
    { id: 'full', anchorId: 'user-authentication-2023', url: 'http://127.0.0.1/full.crl' },
    {
      id: 'one',
      anchorId: 'user-authentication-2023',
      url: 'http://127.0.0.1/one.crl',
      distributionPoint: 'oAA=',
    },
  ],
  linkageUrl: 'http://127.0.0.1/linkage',
};

const sourceAt = (url: string) => [{ id: 'full', anchorId: 'user-authentication-2023', url }];

const responderAt = (url: string) => [{ anchorId: 'user-authentication-2023', url }];

describe('a trust profile as JSON', () => {
  it('is read with its anchors parsed', () => {
    const parsed = parseTrustProfile(structuredClone(profile));
    expect(parsed.anchors[0]?.certificate.version).toBe(3);
    expect(parsed.crlSources[0]?.distributionPoint).toBeUndefined();
    expect(parsed.crlSources[1]?.distributionPoint).toEqual(Uint8Array.of(0xa0, 0));
  });

  it('contains a responder’s settings where they differ from the default', () => {
    const [plain] = profile.ocspResponders;
    const special = {
      ...plain,
      certIdHash: 'SHA-256',
      nonce: 'optional',
      certificates: [anchor.toString('base64')],
    };
    const { ocspResponders } = parseTrustProfile({ ...profile, ocspResponders: [plain, special] });
    expect(ocspResponders[0]).toEqual(plain);
    expect(ocspResponders[1]).toMatchObject({ certIdHash: 'SHA-256', nonce: 'optional' });
    expect(ocspResponders[1]?.certificates?.[0]?.version).toBe(3);
    const wrong = { ...profile, ocspResponders: [{ ...plain, nonce: 'sometimes' }] };
    expect(() => parseTrustProfile(wrong)).toThrow(/ocspResponders\[0\]\.nonce/);
  });

  it.each([
    ['trustProfile.name', { name: 'production' }],
    ['trustProfile.anchors[0].kind', { anchors: [{ ...profile.anchors[0], kind: 'any' }] }],
    [
      'trustProfile.anchors[0].certificate',
      { anchors: [{ ...profile.anchors[0], certificate: '*' }] },
    ],
    ['trustProfile.anchors', { anchors: [profile.anchors[0], profile.anchors[0]] }],
    [
      'trustProfile.algorithms.hashes[0]',
      { algorithms: { ...profile.algorithms, hashes: ['sha256'] } },
    ],
    ['trustProfile.clockSkewMs', { clockSkewMs: -1 }],
    [
      'trustProfile.ocspResponders[0].anchorId',
      { ocspResponders: [{ anchorId: 'x', url: 'http://x' }] },
    ],
    [
      'trustProfile.kinds.digital-signature',
      { kinds: { 'user-authentication': profile.kinds['user-authentication'] } },
    ],
    ['trustProfile.linkageUrl', { linkageUrl: undefined }],
  ])('is refused with the name of the field: %s', (field, change) => {
    expect(() => parseTrustProfile({ ...profile, ...change })).toThrow(
      expect.objectContaining({ code: 'request-invalid', message: expect.stringContaining(field) }),
    );
  });

  it.each([
    'http://a/full.crl',
    'https://a/full.crl',
    's3://bucket/a/key',
    'ldap://directory/cn=crl,o=x',
    'ldaps://directory:636/cn=a%20b?certificateRevocationList;binary?base?(objectClass=*)',
  ])('takes lists from %s', (url) => {
    expect(parseTrustProfile({ ...profile, crlSources: sourceAt(url) }).crlSources[0]?.url).toBe(
      url,
    );
  });
  it.each([
    ['ftp://a/full.crl', /begins with ftp:/],
    ['file:///full.crl', /begins with file:/],
    ['full.crl', /is not a URL/],
    ['s3://bucket', /names no object/],
    ['ldap://directory', /names no entry/],
    ['ldap:///cn=crl', /names no host/],
    ['ldap://directory/cn=%zz', /percent-encoding/],
    ['ldap://directory/cn=crl?a,b', /several attributes/],
    ['ldap://directory/cn=crl?a?sub', /more than one entry/],
    ['ldap://directory/cn=crl?a?base?(cn=*)', /filter/],
    ['ldap://directory/cn=crl?a?base??!1.2.3=x', /critical extension/],
    ['https://user:word@a/full.crl', /credentials/],
  ])('refuses a place that no list comes from: %s', (url, why) => {
    expect(() => parseTrustProfile({ ...profile, crlSources: sourceAt(url) })).toThrow(why);
  });

  it.each([
    'http://ocsp.example.jp/',
    'https://10.0.0.4:8443/ocsp?authority=1',
    'http://127.0.0.1:8080/ocsp',
  ])('asks a responder at %s', (url) => {
    const parsed = parseTrustProfile({ ...profile, ocspResponders: responderAt(url) });
    expect(parsed.ocspResponders[0]?.url).toBe(url);
  });
  it.each([
    ['ocsp.example.jp', /ocspResponders\[0\]\.url is not a URL/],
    ['ftp://ocsp.example.jp/', /begins with ftp:.*http: or https:/],
    ['http://user:word@ocsp.example.jp/', /credentials/],
    ['http://ocsp.example.jp/#a', /fragment/],
    ['http://169.254.169.254/latest/meta-data', /link-local/],
    ['http://[fe80::1]/', /link-local/],
    ['http://2852039166/', /link-local/],
    ['http://0xa9.0xfe.0xa9fe./', /link-local/],
    ['http://[fd00:ec2::254]/', /link-local/],
    ['http://[::ffff:169.254.169.254]/', /link-local/],
  ])('refuses a place that no responder is asked at: %s', (url, why) => {
    const ocspResponders = responderAt(url);
    expect(() => parseTrustProfile({ ...profile, ocspResponders })).toThrow(why);
    if (!url.includes('#'))
      expect(() => parseTrustProfile({ ...profile, linkageUrl: url })).toThrow(/linkageUrl/);
  });
  it('refuses a query where paths are put behind it', () => {
    const linkageUrl = 'https://linkage.example.jp/?a=1';
    expect(() => parseTrustProfile({ ...profile, linkageUrl })).toThrow(/linkageUrl has a query/);
  });
  it.each([
    [{ crlMaxAge: 1 }, 'trustProfile.crlMaxAge is not a known field: did you mean crlMaxAgeMs?'],
    [
      { anchors: [{ ...profile.anchors[0], certificat: 'MAA=' }] },
      'trustProfile.anchors[0].certificat is not a known field: did you mean certificate?',
    ],
  ])('refuses a field that nobody would read', (change, why) => {
    expect(() => parseTrustProfile({ ...profile, ...change })).toThrow(why);
  });
});
