/**
 * Writes example-deployment.json, the default deployment of `cdk synth`. Its trust anchors and
 * operator key are well-formed, but their private keys are discarded when this process ends, so
 * that nobody can authenticate or administer with it. Run it again only when the format changes:
 * `node sandbox/write-example-deployment.ts`.
 */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { buildCaCertificate, buildName } from './pki/build-certificate.ts';
import { generateSigner } from './pki/signing.ts';

const exampleAnchor = (kind: string, unit: string) => ({
  id: `${kind}-example`,
  kind,
  certificate: buildCaCertificate({
    serial: 1,
    subject: buildName(['C', 'JP'], ['O', 'JPKI-EXAMPLE'], ['OU', unit]),
    notBefore: new Date('2025-01-01T00:00:00Z'),
    notAfter: new Date('2035-01-01T00:00:00Z'),
    signer: generateSigner('rsa-2048'),
  }).toString('base64'),
});

const hour = 3_600_000;
const trustProfile = {
  name: 'sandbox',
  anchors: [
    exampleAnchor('user-authentication', 'JPKI for user authentication'),
    exampleAnchor('digital-signature', 'JPKI for digital signature'),
  ],
  kinds: {
    'user-authentication': {
      policies: ['1.2.392.200149.8.5.1.3.30'],
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: '1.3.6.1.5.5.7.3.2',
    },
    'digital-signature': {
      policies: ['1.2.392.200149.8.5.1.0.20'],
      keyUsage: ['digitalSignature', 'nonRepudiation'],
    },
  },
  algorithms: {
    minimumRsaBits: 2048,
    curves: ['P-256', 'P-384'],
    hashes: ['SHA-256', 'SHA-384', 'SHA-512'],
  },
  clockSkewMs: 300_000,
  crlMaxAgeMs: 48 * hour,
  ocspMaxAgeMs: hour,
  ocspResponders: [
    {
      anchorId: 'user-authentication-example',
      url: 'http://ocsp.jpki.invalid/user-authentication',
    },
    { anchorId: 'digital-signature-example', url: 'http://ocsp.jpki.invalid/digital-signature' },
  ],
  crlSources: [
    {
      id: 'user-authentication-example/full',
      anchorId: 'user-authentication-example',
      url: 'http://crl.jpki.invalid/user-authentication/full.crl',
    },
    {
      id: 'digital-signature-example/full',
      anchorId: 'digital-signature-example',
      url: 'http://crl.jpki.invalid/digital-signature/full.crl',
    },
  ],
  linkageUrl: 'http://linkage.jpki.invalid',
};

const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const operatorKey = {
  ...publicKey.export({ format: 'jwk' }),
  alg: 'ES256',
  use: 'sig',
  kid: 'example',
};
const deployment = {
  stage: 'dev',
  trustProfile,
  operator: { clientId: 'operator', jwks: { keys: [operatorKey] } },
};
writeFileSync(
  new URL('../lib/deployment/example-deployment.json', import.meta.url),
  `${JSON.stringify(deployment, null, 2)}\n`,
);
