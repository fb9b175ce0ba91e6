import { beforeAll, describe, expect, it } from '@jest/globals';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { ingestCrl } from '../../../lambdas/crl-store/ingest/ingest-crl.ts';
import type { TrustProfile } from '../../../lambdas/pki/trust-profile.ts';
import { revocationsHandler } from '../../../lambdas/capabilities/revocation-checks/handler.ts';
import {
  checkResponse,
  listRevocationSources,
} from '../../../lambdas/capabilities/revocation-checks/contract.ts';
import {
  buildList,
  createAuthority,
  day,
  fullSource,
  inChunks,
  issuerKeyIdFor,
  now,
  rulesFor,
  someEntries,
} from '../../crl-store/list-fixtures.ts';
import { MemoryLists } from '../../crl-store/memory-lists.ts';

const authority = createAuthority('ua-2023');
const source = fullSource(authority);
const profile = { ...rulesFor(authority), crlSources: [source] } as unknown as TrustProfile;
const lists = new MemoryLists();
const first = 0x0100_0000;
const entries = 100_000;

beforeAll(async () => {
  const list = buildList(authority, { entries: someEntries(entries, first) });
  await ingestCrl(inChunks(list), [source], { rules: profile, writer: lists, now });
});

function call(method: 'GET' | 'POST', resource: string, body?: unknown, at = now) {
  const event = {
    httpMethod: method,
    resource,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      requestId: 'r',
      authorizer: {
        clientId: 'c',
        serviceId: 's',
        serviceState: 'active',
        serviceType: 'type-2',
        sectorId: 'x',
        scopes: 'revocations:read',
      },
    },
  } as unknown as APIGatewayProxyEvent;
  const settings = { publicBaseUrl: 'https://platform.example', clock: () => at, log: () => {} };
  return revocationsHandler(lists, profile, settings)(event, {});
}

const check = async (body: object, at?: number) => {
  const { statusCode, body: text } = await call('POST', '/v1/revocations/check', body, at);
  return { status: statusCode, json: JSON.parse(text) as Record<string, never>, text };
};

const issuer = 'ua-2023';
const serial = (n: number): string => (first + n).toString(16);

describe('POST /v1/revocations/check', () => {
  it('asks which format is meant where many serials show no letter', async () => {
    const serials = Array.from({ length: 60 }, (_, n) => String(16_777_216 + n));
    const { status, json } = await check({ issuer, serials });
    expect([status, json['code']]).toEqual([400, 'serials-ambiguous']);
    expect((await check({ issuer, serials, serialFormat: 'decimal' })).status).toBe(200);
  });

  it('names only the rows that are not good, in columns', async () => {
    const serials = [serial(1), serial(2), 'no', serial(2), serial(3), serial(0)];
    const { status, json } = await check({ issuer, serials });
    expect(status).toBe(200);
    expect(checkResponse.parse(json)).toEqual({
      checkedAt: '2026-11-22T12:00:00Z',
      issuerKeyId: issuerKeyIdFor(authority),
      evidence: {
        source: 'ua-2023/full',
        crlNumber: '10',
        thisUpdate: '2026-11-22T11:00:00Z',
        nextUpdate: '2026-11-23T12:00:00Z',
        ageSeconds: 3600,
      },
      counts: { total: 6, good: 2, revoked: 2, unknown: 0, malformed: 1, duplicate: 1 },
      notGood: {
        revoked: {
          row: [1, 5],
          revokedAt: ['2026-11-21T11:59:00Z', '2026-11-21T12:00:00Z'],
          reason: ['keyCompromise', 'unspecified'],
        },
        unknown: [],
        malformed: [2],
        duplicate: { row: [3], of: [1] },
      },
    });
  });

  it('names every row in the full form', async () => {
    const serials = [serial(1), serial(2), 'no', serial(2)];
    const { json } = await check({ issuer, serials, form: 'full' });
    expect(checkResponse.parse(json).rows).toEqual([
      { status: 'good' },
      { status: 'revoked', revokedAt: '2026-11-21T11:59:00Z', reason: 'keyCompromise' },
      { status: 'malformed' },
      { status: 'duplicate', of: 1 },
    ]);
  });

  it('says unknown, and why, once the list is past its policy', async () => {
    const { json } = await check({ issuer, serials: [serial(0)] }, now + 2 * day);
    expect(json).toMatchObject({
      why: 'crl-stale',
      counts: { unknown: 1, revoked: 0 },
      notGood: { unknown: [0] },
    });
  });

  it('answers for 100,000 revoked serials within what Lambda returns', async () => {
    const serials = Array.from({ length: entries }, (_, n) => serial(2 * n));
    const { status, json, text } = await check({ issuer, serials });
    expect(status).toBe(200);
    expect(json['counts']).toMatchObject({ revoked: entries });
    expect(JSON.stringify({ body: text }).length).toBeLessThan(6_291_556);
  });

  it('refuses a full form that would not fit, and gives one that does', async () => {
    const revoked = Array.from({ length: entries }, (_, n) => serial(2 * n));
    const tooLong = await check({ issuer, serials: revoked, form: 'full' });
    expect([tooLong.status, tooLong.json['code']]).toEqual([413, 'request-too-large']);
    const good = Array.from({ length: entries }, (_, n) => serial(2 * n + 1));
    const fits = await check({ issuer, serials: good, form: 'full' });
    expect(fits.json['rows']).toHaveLength(entries);
  });

  it.each([
    ['no body', undefined, 400],
    ['no serials', { issuer, serials: [] }, 400],
    ['serials of another type', { issuer, serials: 'abc' }, 400],
    ['too many', { issuer, serials: Array.from({ length: 100_001 }, () => '1') }, 400],
    ['an unknown issuer', { issuer: 'nobody', serials: ['1'] }, 404],
    ['an unknown form', { issuer, serials: ['1'], form: 'long' }, 400],
  ])('refuses %s', async (_, body, status) => {
    const answer = await call('POST', '/v1/revocations/check', body);
    expect([answer.statusCode, answer.headers!['Content-Type']]).toEqual([
      status,
      'application/problem+json',
    ]);
  });
});

const sources = async (at?: number) => {
  const { body } = await call('GET', '/v1/revocations/sources', undefined, at);
  return listRevocationSources.responses[200].schema.parse(JSON.parse(body)).sources;
};

describe('GET /v1/revocations/sources', () => {
  it('tells number, dates, size and age of every list', async () => {
    expect(await sources()).toEqual([
      expect.objectContaining({
        sourceId: 'ua-2023/full',
        anchor: 'ua-2023',
        scope: 'full',
        state: 'current',
        crlNumber: '10',
        ageSeconds: 3600,
        entries,
      }),
    ]);
  });

  it('tells when a list has expired and why its successor was refused', async () => {
    await lists.recordAttempt({
      sourceId: source.id,
      at: now,
      outcome: 'refused',
      code: 'crl-malformed',
    });
    expect((await sources())[0]).toMatchObject({
      state: 'overdue',
      lastAttempt: { at: '2026-11-22T12:00:00Z', outcome: 'refused', code: 'crl-malformed' },
    });
    expect((await sources(now + 2 * day))[0]!.state).toBe('expired');
  });
});
