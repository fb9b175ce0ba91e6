import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCardPlatform } from '../card-platform.ts';

let platform: Awaited<ReturnType<typeof startCardPlatform>>;
beforeAll(async () => {
  platform = await startCardPlatform();
});
afterAll(() => platform.jlis.close());

const validate = (body: object) => platform.call('validate-certificate', body);

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
