import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { verifyCase } from '../../cli/verify-case.ts';
import { validationReportJson } from '../../lambdas/pki/validation/validation-report.ts';
import type { Certificate } from '../../lambdas/pki/x509/certificate.ts';
import { extension } from '../../sandbox/pki/build-certificate.ts';
import { buildCrl, crlExtensions } from '../../sandbox/pki/build-crl.ts';
import { sequence } from '../../sandbox/pki/der-writer.ts';
import { type Differences, inputOf, names, signer } from '../vectors/paths/chain.ts';

const hour = 3_600_000;

const named = (source: string, bytes: Uint8Array) => ({ source, bytes });

/** The report about root → authority → leaf, changed by `differs`, with lists signed by their keys. */
async function reportOf(differs: Differences, lists: readonly ('root' | 'authority')[] = []) {
  const { leaf, intermediates = [], anchors, time, algorithms } = inputOf({ differs });
  const root = (anchors[0] as { certificate: Certificate }).certificate;
  const report = await verifyCase({
    certificate: named('leaf', leaf.der),
    intermediates: intermediates.map(({ der }) => named('authority', der)),
    anchors: [named('root', root.der)],
    crls: lists.map((issuer) =>
      named(
        `${issuer}.crl`,
        buildCrl(
          {
            issuer: names[issuer],
            thisUpdate: new Date(time - hour),
            nextUpdate: new Date(time + hour),
            extensions: [crlExtensions.crlNumber(1)],
          },
          signer(issuer === 'root' ? 'root' : 'authority0'),
        ),
      ),
    ),
    ocspResponses: [],
    method: lists.length > 0 ? 'crl' : 'none',
    revocationOf: 'path',
    time,
    algorithms,
    explicitPolicy: false,
    inhibitPolicyMapping: false,
    inhibitAnyPolicy: false,
    issuanceRules: false,
    clockSkewMs: 0,
    maximumAgeMs: 24 * hour,
    requireResponderStatus: false,
  });
  return { ...validationReportJson(report, time), ofAuthority: fingerprint(intermediates[0]!) };
}

const fingerprint = ({ der }: Certificate) => ({
  role: 'intermediate',
  sha256: createHash('sha256').update(der).digest('hex'),
});

describe('the report about a certificate', () => {
  it('names the authority that was refused, with the path and the checks up to there', async () => {
    const report = await reportOf({ authority: { notAfter: '2026-01-01T00:00:00Z' } });
    expect(report.path.map(({ role }) => role)).toEqual(['anchor', 'intermediate', 'leaf']);
    expect(report.refused).toEqual(report.ofAuthority);
    expect(report.checks.at(-1)).toMatchObject({ id: 'validity', outcome: 'failed' });
    expect(report.checks.slice(0, -1).map(({ outcome }) => outcome)).not.toContain('failed');
  });

  it('lists no check that did not run where a signature already ended the search', async () => {
    const report = await reportOf({ leaf: { signedBy: 'stranger' } });
    expect(report).toMatchObject({
      path: [],
      refused: { role: 'leaf' },
      checks: [{ id: 'syntax' }, { id: 'signature', outcome: 'failed' }],
    });
    expect(report.checks).toHaveLength(2);
  });

  it('shows no fingerprint of a person’s certificate, wherever it was offered', async () => {
    const person = { extensions: { basicConstraints: undefined } };
    const report = await reportOf({ authority: person });
    expect(report.refused).toEqual({ role: 'intermediate' });
    expect(report.path[1]).toEqual({ role: 'intermediate' });
  });

  it('blames the intermediate for its wrong signature, not the authority of the same name', async () => {
    const lost = {
      subject: names.authority,
      issuer: names.root,
      key: 'lost',
      signedBy: 'stranger',
    };
    const report = await reportOf({ leaf: { signedBy: 'lost' }, others: [lost] });
    expect(report).toMatchObject({
      code: 'certificate-signature-invalid',
      refused: { role: 'intermediate' },
    });
    expect(report.refused).not.toEqual(report.ofAuthority);
  });

  it('reports inputs that could not be read', async () => {
    const policiesWithout = extension('2.5.29.32', sequence());
    const report = await reportOf({ leaf: { extensions: { policies: policiesWithout } } });
    expect(report.checks.at(-1)).toEqual({
      id: 'extensions-well-formed',
      clause: 'RFC 5280 §4.2.1',
      outcome: 'failed',
      detail: 'empty certificate policies',
    });
  });

  it('names the certificate whose status was checked, if it is not the leaf', async () => {
    const report = await reportOf({}, ['root', 'authority']);
    expect(report).toMatchObject({
      verdict: 'valid',
      attempts: [
        { source: 'root.crl', certificate: report.ofAuthority },
        { source: 'authority.crl' },
      ],
    });
    expect(report.attempts[1]).not.toHaveProperty('certificate');
    expect(report).not.toHaveProperty('refused');
  });

  it('names the certificate whose status could not be determined', async () => {
    const report = await reportOf({}, ['authority']);
    expect(report).toMatchObject({ code: 'revocation-unknown', refused: report.ofAuthority });
  });
});
