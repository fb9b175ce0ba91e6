import { describe, expect, it } from '@jest/globals';
import { engineLimits } from '../../../lambdas/pki/limits.ts';
import { keepPath, recentPath } from '../../../lambdas/pki/validation/recent-paths.ts';
import {
  validateCertificate,
  type ValidationAnchor,
  type ValidationPolicy,
  type ValidationReport,
  type ValidationRequest,
} from '../../../lambdas/pki/validation/validate-certificate.ts';
import { type Certificate, parseCertificate } from '../../../lambdas/pki/x509/certificate.ts';
import {
  buildCaCertificate,
  buildCertificate,
  buildName,
  certificateExtensions as extensions,
} from '../../../sandbox/pki/build-certificate.ts';
import { generateSigner, type Signer, spkiOf } from '../../../sandbox/pki/signing.ts';

const policyId = '1.2.392.200149.8.5.1.3.30';
const at = (text: string): number => Date.parse(text);
const now = at('2026-06-15T12:00:00Z');
const caName = buildName(['C', 'JP'], ['O', 'Authority']);
const caSigner = generateSigner('P-256');
const holder = generateSigner('P-256');

function authority(signer: Signer, notAfter = '2030-01-01T00:00:00Z'): Certificate {
  return parseCertificate(
    buildCaCertificate({
      serial: 1,
      subject: caName,
      notBefore: new Date('2025-01-01T00:00:00Z'),
      notAfter: new Date(notAfter),
      signer,
    }),
  );
}

const leaf = buildCertificate(
  {
    serial: 7,
    issuer: caName,
    subject: buildName(['CN', 'Holder']),
    spki: spkiOf(holder),
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2028-01-01T00:00:00Z'),
    extensions: [
      extensions.keyUsage('digitalSignature'),
      extensions.certificatePolicies(policyId),
      extensions.authorityKeyIdentifier(spkiOf(caSigner)),
    ],
  },
  caSigner,
);

const policyWith = (change: Partial<ValidationPolicy> = {}): ValidationPolicy => ({
  anchors: [{ certificate: authority(caSigner), id: 'current' }],
  algorithms: { minimumRsaBits: 2048, curves: ['P-256'], hashes: ['SHA-256'] },
  clockSkewMs: 0,
  crlMaxAgeMs: 0,
  ocspMaxAgeMs: 0,
  path: { userInitialPolicySet: [policyId], initialExplicitPolicy: true },
  ...change,
});

const validate = (policy: ValidationPolicy, change: Partial<ValidationRequest> = {}) =>
  validateCertificate(
    { certificate: Buffer.from(leaf), method: 'none', now, ...change },
    { ocsp: [], crl: [] },
    policy,
  );

/** Parses the same octets again, as a later request does. */
const shownAgain = (): Certificate => parseCertificate(Buffer.from(leaf));

/** As another certificate: the cache knows certificates by their digest. */
const certificateOf = (n: number): Certificate => ({ ...shownAgain(), digest: `certificate ${n}` });

/** A policy under which the certificate has already been found valid. */
async function policyThatKnows(change: Partial<ValidationPolicy> = {}): Promise<ValidationPolicy> {
  const policy = policyWith(change);
  expect((await validate(policy)).verdict).toBe('valid');
  expect(recentPath(shownAgain(), policy, now)).toBeDefined();
  return policy;
}

/** A certificate object caches decoded values; its octets identify it. */
const withoutCaches = (report: ValidationReport) => ({
  ...report,
  certificate: report.certificate?.der,
  path: report.path.map(({ der }) => der),
});

describe('the cache of valid paths', () => {
  it('gives the same report as the first validation', async () => {
    const policy = policyWith();
    expect(recentPath(shownAgain(), policy, now)).toBeUndefined();
    const first = await validate(policy);
    expect(recentPath(shownAgain(), policy, now)).toBeDefined();
    expect(withoutCaches(await validate(policy))).toEqual(withoutCaches(first));
    expect(first).toMatchObject({ verdict: 'valid', userConstrainedPolicySet: [policyId] });
  });

  it.each([
    ['another CA of the same name', { anchors: [{ certificate: authority(holder) }] }],
    ['another certificate policy', { path: { userInitialPolicySet: ['1.2.3'] } }],
    ['issuance rules', { issuanceRules: true }],
    [
      'another hash algorithm',
      { algorithms: { minimumRsaBits: 2048, curves: ['P-256'], hashes: ['SHA-384'] } },
    ],
  ] as const)('does not apply to a validation policy with %s', async (_difference, change) => {
    await policyThatKnows();
    const other = policyWith(change);
    expect(recentPath(shownAgain(), other, now)).toBeUndefined();
  });

  it('does not apply to an issuer key that did not sign', async () => {
    await policyThatKnows();
    const report = await validate(policyWith({ anchors: [{ certificate: authority(holder) }] }));
    expect(report).toMatchObject({ verdict: 'invalid', code: 'certificate-signature-invalid' });
  });

  it.each([
    ['after its expiry', '2028-01-01T00:00:01Z', 'certificate-expired'],
    ['before its validity period', '2025-12-31T23:59:59Z', 'certificate-not-yet-valid'],
  ])('does not apply to a certificate %s', async (_situation, time, code) => {
    const policy = await policyThatKnows();
    expect(await validate(policy, { now: at(time) })).toMatchObject({ verdict: 'invalid', code });
  });

  it('does not apply after the expiry of the trust anchor', async () => {
    const anchors = [{ certificate: authority(caSigner, '2027-01-01T00:00:00Z') }];
    const policy = await policyThatKnows({ anchors });
    expect(await validate(policy, { now: at('2027-01-01T00:00:01Z') })).toMatchObject({
      verdict: 'invalid',
      code: 'certificate-expired',
      refused: anchors[0]!.certificate,
    });
  });

  it('does not replace proof of possession and the revocation check', async () => {
    const policy = await policyThatKnows();
    expect(await validate(policy, { possession: () => false })).toMatchObject({
      code: 'challenge-signature-invalid',
    });
    expect(await validate(policy, { method: 'crl' })).toMatchObject({ code: 'revocation-unknown' });
  });

  it('does not apply to other octets with the same serial number', async () => {
    const policy = await policyThatKnows();
    const altered = Buffer.from(leaf);
    altered[altered.length - 1]! ^= 1;
    expect(await validate(policy, { certificate: altered })).toMatchObject({
      verdict: 'invalid',
      code: 'certificate-signature-invalid',
    });
  });

  it('does not keep a path that was refused', async () => {
    const policy = policyWith({
      path: { userInitialPolicySet: ['1.2.3'], initialExplicitPolicy: true },
    });
    expect((await validate(policy)).code).toBe('certificate-policy-unacceptable');
    expect(recentPath(shownAgain(), policy, now)).toBeUndefined();
  });

  it('does not keep a path beside other candidates', async () => {
    const policy = policyWith();
    await validate(policy, { intermediates: [authority(holder)] });
    expect(recentPath(shownAgain(), policy, now)).toBeUndefined();
  });

  it('does not keep a path if two trust anchors have its key', async () => {
    const anchors = [
      { certificate: authority(caSigner) },
      { certificate: authority(caSigner, '2029-01-01T00:00:00Z') },
    ];
    const policy = policyWith({ anchors });
    expect((await validate(policy)).verdict).toBe('valid');
    expect(recentPath(shownAgain(), policy, now)).toBeUndefined();
  });

  it('keeps trust anchor and policy set of each certificate', async () => {
    const policy = policyWith({
      anchors: [
        { certificate: authority(caSigner), id: 'first' },
        { certificate: authority(holder), id: 'second' },
      ],
    });
    const [first, second] = policy.anchors as [ValidationAnchor, ValidationAnchor];
    const paths = [
      { anchor: first, userConstrainedPolicySet: [policyId] },
      { anchor: second, userConstrainedPolicySet: [policyId] },
      { anchor: second, userConstrainedPolicySet: ['1.2.3'] },
      { anchor: second, userConstrainedPolicySet: ['1.2.3', policyId] },
      { anchor: second, userConstrainedPolicySet: [policyId] },
    ];
    for (const [n, path] of paths.entries()) keepPath(certificateOf(n), policy, path);
    expect(paths.map((_, n) => recentPath(certificateOf(n), policy, now))).toEqual(paths);
  });

  it('keeps at most twice the limit', async () => {
    const policy = await policyThatKnows();
    const path = { anchor: policy.anchors[0]!, userConstrainedPolicySet: [] };
    for (let n = 0; n < 2 * engineLimits.recentPaths; n++) {
      keepPath({ ...shownAgain(), der: Uint8Array.of(n >> 8, n & 255) }, policy, path);
    }
    expect(recentPath(shownAgain(), policy, now)).toBeUndefined();
  });
});
