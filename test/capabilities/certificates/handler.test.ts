import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { writeJsonLine } from '../../../lambdas/platform/http/request-log.ts';
import { startCardPlatform } from '../card-platform.ts';
import { type2Caller } from '../gateway-event.ts';

let platform: Awaited<ReturnType<typeof startCardPlatform>>;
beforeAll(async () => {
  platform = await startCardPlatform();
});
afterAll(() => platform.jlis.close());

const validate = (body: object) => platform.call('validate-certificate', body);

/** The audit line of the last request as the function prints it. */
function printed(): Readonly<Record<string, unknown>> {
  const print = jest.spyOn(console, 'log').mockImplementation(() => {});
  try {
    writeJsonLine(platform.lines.at(-1)!);
    return JSON.parse(String(print.mock.calls[0]![0])) as Readonly<Record<string, unknown>>;
  } finally {
    print.mockRestore();
  }
}

interface EmbeddedMetrics {
  readonly Timestamp: number;
  readonly CloudWatchMetrics: readonly {
    readonly Namespace: string;
    readonly Dimensions: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
  }[];
}

describe('a verdict is counted', () => {
  it.each(['valid', 'certificate-revoked', 'revocation-unknown'])(
    "in CloudWatch's embedded metric format, by code, method and authority: %s",
    async (code) => {
      const card = await platform.issue();
      if (code === 'certificate-revoked') await platform.change(card, 'lose');
      const { certificate } = card['user-authentication'];
      await validate({ certificate, method: code === 'revocation-unknown' ? 'crl' : 'ocsp' });
      const line = printed();
      expect(line).toMatchObject({
        verdictCode: code,
        revocationMethod: code === 'revocation-unknown' ? 'none' : 'ocsp',
        anchor: 'user-authentication-2023',
        Verdicts: 1,
      });
      const { Timestamp, CloudWatchMetrics } = line['_aws'] as EmbeddedMetrics;
      expect(Math.abs(Timestamp - Date.now())).toBeLessThan(3_600_000);
      const [{ Namespace, Dimensions, Metrics }] = CloudWatchMetrics as [
        EmbeddedMetrics['CloudWatchMetrics'][0],
      ];
      expect([Namespace, Metrics]).toEqual([
        'MyKeyPlatform',
        [{ Name: 'Verdicts', Unit: 'Count' }],
      ]);
      expect(Dimensions).toContainEqual(['Stage', 'revocationMethod', 'anchor', 'verdictCode']);
      // CloudWatch drops a line where a dimension is no text of the line's own.
      for (const name of Dimensions.flat())
        expect([name, typeof line[name]]).toEqual([name, 'string']);
    },
  );

  it('once: a request without a verdict counts none', async () => {
    await validate({ certificate: '-----BEGIN CERTIFICATE-----' });
    expect(printed()).not.toHaveProperty('_aws');
  });
});

describe('POST /v1/certificates/validate', () => {
  it('answers valid, with method, source and freshness', async () => {
    const { certificate } = (await platform.issue())['user-authentication'];
    const { status, body } = await validate({ certificate, method: 'ocsp' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      verdict: 'valid',
      validation: {
        kind: 'user-authentication',
        anchor: 'user-authentication-2023',
        revocation: { status: 'good', method: 'ocsp', source: expect.stringContaining('/ocsp/') },
      },
    });
    expect(body).not.toHaveProperty('report');
  });

  it('answers invalid with date and reason for a revoked one', async () => {
    const card = await platform.issue();
    await platform.change(card, 'lose');
    const { certificate } = card['user-authentication'];
    const { status, body } = await validate({ certificate });
    expect([status, body['verdict'], body['code']]).toEqual([
      200,
      'invalid',
      'certificate-revoked',
    ]);
    expect(body['validation']).toMatchObject({
      revocation: { status: 'revoked', revokedAt: expect.any(String), reason: expect.any(String) },
    });
  });

  it('answers indeterminate when no list covers it', async () => {
    const { certificate } = (await platform.issue())['user-authentication'];
    const { status, body } = await validate({ certificate, method: 'crl' });
    expect([status, body['verdict'], body['code']]).toEqual([
      200,
      'indeterminate',
      'revocation-unknown',
    ]);
    expect(body['validation']).toMatchObject({ revocation: { why: 'no-applicable-crl' } });
  });

  it.each([
    ['type1', 'crl', 403],
    ['type1', 'auto', 200],
    ['type2', 'crl', 200],
    ['library', 'auto', 403],
    ['library', 'ocsp', 200],
  ])('answers a service of %s that asks by %s with %i', async (serviceType, method, expected) => {
    const { certificate } = (await platform.issue())['user-authentication'];
    const caller = { ...type2Caller, serviceType };
    const request = { certificate, method };
    const { status, body } = await platform.call('validate-certificate', request, { caller });
    expect(status).toBe(expected);
    if (status === 403) expect(body['code']).toBe('revocation-method-not-permitted');
  });

  it.each([
    ['type1', 'digital-signature'],
    ['type1', undefined],
    ['library', 'digital-signature'],
  ])(
    'has no signature certificate validated for a service of %s, asked as %s',
    async (form, kind) => {
      const { certificate } = (await platform.issue())['digital-signature']!;
      const caller = { ...type2Caller, serviceType: form };
      const request = { certificate, method: 'ocsp', ...(kind && { kind }) };
      const { status, body } = await platform.call('validate-certificate', request, { caller });
      expect([status, body['verdict'], body['code']]).toEqual([
        200,
        'invalid',
        'certificate-kind-wrong',
      ]);
      const type2 = await platform.call('validate-certificate', request);
      expect(type2.body['verdict']).toBe('valid');
    },
  );

  it('gives the whole report on request, without subject and serial', async () => {
    const { certificate } = (await platform.issue())['user-authentication'];
    const { body } = await validate({ certificate, report: true });
    expect(body['report']).toMatchObject({
      verdict: 'valid',
      indication: 'TOTAL-PASSED',
      path: [{ role: 'anchor' }, { role: 'leaf' }],
    });
  });

  it.each([
    ['truncated DER', 'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A', 'certificate-malformed'],
    ['zeros', Buffer.alloc(300).toString('base64'), 'certificate-malformed'],
  ])('answers invalid for %s', async (_, certificate, code) => {
    const { status, body } = await validate({ certificate });
    expect([status, body['verdict'], body['code']]).toEqual([200, 'invalid', code]);
  });

  it('refuses what is no base64 as a request, and names the field', async () => {
    const { status, body } = await validate({ certificate: '-----BEGIN CERTIFICATE-----' });
    expect([status, body['errors']]).toMatchObject([400, [{ pointer: '#/certificate' }]]);
  });
});
