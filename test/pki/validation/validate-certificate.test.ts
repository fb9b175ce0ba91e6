import { describe, expect, it } from '@jest/globals';
import {
  validateUnderProfile,
  type ValidationRequest,
} from '../../../lambdas/pki/validation/validate-under-profile.ts';
import { validationReportJson } from '../../../lambdas/pki/validation/validation-report.ts';
import { hours, now, seconds } from '../../vectors/revocation-pki.ts';
import {
  type Answer,
  person,
  pki,
  profile,
  responders,
  serial,
  storedLists,
} from '../revocation/revocation-fixtures.ts';

function validate(change: Partial<ValidationRequest> = {}, first: Answer = 'good') {
  const { client, asked, elapsedMs } = responders({ first });
  const dependencies = { profile, ocsp: client, lists: storedLists([{}]), elapsedMs };
  const report = validateUnderProfile(
    {
      certificate: person.der,
      kind: 'user-authentication',
      method: 'ocsp',
      now: now.getTime(),
      ...change,
    },
    dependencies,
  );
  return report.then((found) => ({ ...found, asked }));
}

describe('validateUnderProfile', () => {
  it('accepts a user-authentication certificate and reports the evidence', async () => {
    const report = await validate();
    expect(report).toMatchObject({
      verdict: 'valid',
      code: undefined,
      indication: 'TOTAL-PASSED',
      kind: 'user-authentication',
      anchorId: 'login',
      revocation: { status: 'good', evidence: { method: 'ocsp' } },
    });
    expect(report.path.map(({ der }) => der.length)).toEqual([
      pki.authority.der.length,
      person.der.length,
    ]);
    expect(report.checks.every(({ outcome }) => outcome === 'passed')).toBe(true);
  });

  it.each<[string, Partial<ValidationRequest>, Answer | undefined, object]>([
    [
      'octets that are not a certificate',
      { certificate: Buffer.from('no') },
      undefined,
      { verdict: 'invalid', code: 'certificate-malformed', subIndication: 'FORMAT_FAILURE' },
    ],
    [
      'an expired certificate',
      { now: hours(20_000).getTime() },
      undefined,
      { verdict: 'invalid', code: 'certificate-expired', subIndication: 'EXPIRED' },
    ],
    [
      'a certificate that is not yet valid',
      { now: hours(-2000).getTime() },
      undefined,
      { verdict: 'invalid', code: 'certificate-not-yet-valid', subIndication: 'NOT_YET_VALID' },
    ],
    [
      'a certificate without a path to a trust anchor',
      { certificate: pki.stranger.der },
      undefined,
      {
        verdict: 'invalid',
        code: 'certificate-issuer-untrusted',
        subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
      },
    ],
    [
      'a user-authentication certificate where a signature certificate is required',
      { kind: 'digital-signature' },
      undefined,
      {
        verdict: 'invalid',
        code: 'certificate-kind-wrong',
        subIndication: 'CHAIN_CONSTRAINTS_FAILURE',
      },
    ],
    [
      'a failed proof of possession',
      { possession: () => false },
      undefined,
      {
        verdict: 'invalid',
        code: 'challenge-signature-invalid',
        subIndication: 'SIG_CRYPTO_FAILURE',
      },
    ],
    [
      'a revoked certificate',
      {},
      { revokedAt: seconds(-9), reason: 4 },
      { verdict: 'invalid', code: 'certificate-revoked', subIndication: 'REVOKED' },
    ],
    [
      'an unknown status',
      {},
      'unreachable',
      { verdict: 'indeterminate', code: 'revocation-unknown', subIndication: 'TRY_LATER' },
    ],
  ])('refuses %s', async (_situation, change, answer, expected) => {
    const report = await validate(change, answer);
    expect(report).toMatchObject(expected);
    expect(report.checks.at(-1)).toMatchObject({ outcome: 'failed' });
  });

  it('asks no revocation source before proof of possession', async () => {
    expect(await validate({ possession: () => false })).toMatchObject({ asked: [], attempts: [] });
  });

  it('serialises without subject, serial number or certificate', async () => {
    const report = await validate({}, { revokedAt: seconds(-9) });
    const json = JSON.stringify(validationReportJson(report, now.getTime()));
    expect(JSON.parse(json)).toMatchObject({
      path: [{ role: 'anchor' }, { role: 'leaf' }],
      attempts: [{ method: 'ocsp', outcome: 'revoked', ageSeconds: 1 }],
    });
    expect(json).not.toMatch(
      new RegExp(`Person|${serial}|4242|${person.der.toString('base64', 0, 30)}`),
    );
  });
});
