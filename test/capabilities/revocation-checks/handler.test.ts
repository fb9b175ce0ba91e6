import { beforeEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { CheckQuota } from '../../../lambdas/capabilities/revocation-checks/check-quota.ts';
import { scopesGrantedTo } from '../../../lambdas/capabilities/services/service-rights.ts';
import type { LogSink } from '../../../lambdas/platform/http/request-log.ts';
import { scopes as allScopes } from '../../../lib/operations.ts';
import { memoryCheckQuota } from '../../fakes/memory-stores.ts';
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
import { MemoryLists } from '../../../lambdas/platform/adapters/memory/memory-lists.ts';
import { RecentSerials } from '../../../lambdas/capabilities/revocation-checks/recent-serials.ts';
import { revocationCheckLimits } from '../../../lambdas/capabilities/revocation-checks/limits.ts';

let recent = new RecentSerials();

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

const scopes = 'lists:read revocations:check revocation-reasons:read';

interface CallAs {
  readonly at?: number;
  readonly scopes?: string;
  readonly serviceId?: string;
  readonly identifiersPerDay?: number;
  /** Of the service itself, as the authorizer hands it over. */
  readonly ownPerDay?: string;
  readonly quota?: CheckQuota;
  readonly log?: LogSink;
}

function call(method: 'GET' | 'POST', resource: string, body?: unknown, as: CallAs = {}) {
  const { at = now, identifiersPerDay = 1_000_000, quota = memoryCheckQuota(), log } = as;
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
        clientKey: 'k',
        serviceId: as.serviceId ?? 's',
        serviceState: 'active',
        serviceType: 'type-2',
        sectorId: 'x',
        scopes: as.scopes ?? scopes,
        ...(as.ownPerDay && { checkedIdentifiersPerDay: as.ownPerDay }),
      },
    },
  } as unknown as APIGatewayProxyEvent;
  const settings = {
    publicBaseUrl: 'https://platform.example',
    clock: () => at,
    log: log ?? (() => {}),
  };
  return revocationsHandler({ lists, profile, quota, recent, identifiersPerDay }, settings)(
    event,
    {},
  );
}

const check = async (body: object, as?: CallAs) => {
  const answer = await call('POST', '/v1/revocations/check', body, as);
  const { statusCode: status, body: text, headers } = answer;
  return { status, json: JSON.parse(text) as Record<string, never>, text, headers };
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
      malformed: [
        {
          code: 'serial-malformed',
          rows: 1,
          firstRow: 2,
          detail: expect.stringMatching(/^write each serial as hex digits/),
        },
      ],
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

  it.each([
    '1.23E+15',
    '1.23457e+15',
    '1,23E+15',
    '１．２３Ｅ＋１５',
    '2000118.0',
    '########',
    '#NUM!',
    '12/11/2026',
    '5-Dec',
    '12月5日',
    1234567890123456,
  ])('says of %s that its digits are lost, and what to do', async (rounded) => {
    for (const serialFormat of ['hex', 'decimal']) {
      const asked = { issuer, serials: ['10', rounded], serialFormat };
      expect((await check(asked)).json).toMatchObject({
        counts: { good: 1, malformed: 1 },
        malformed: [
          {
            code: 'serial-rounded',
            rows: 1,
            firstRow: 1,
            detail: expect.stringMatching(/^export the column again as text.*rounded/),
          },
        ],
      });
    }
  });

  it.each(['', '-', 'zz', '20.00.11.8d', null, true, '#1', '1E+', '9'.repeat(300)])(
    'says of %j that it is no serial',
    async (serial) => {
      const { json } = await check({ issuer, serials: [serial] });
      expect(json).toMatchObject({ malformed: [{ code: 'serial-malformed' }] });
    },
  );

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

  it('returns unknown with the reason once the list is too old', async () => {
    const { json } = await check({ issuer, serials: [serial(0)] }, { at: now + 2 * day });
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

describe('what a service may ask in bulk', () => {
  const serials = [serial(0), serial(1), serial(0), 'no'];

  it('is a scope of its own, which Type 1 has only where it was granted', async () => {
    const type1 = scopesGrantedTo('type1', allScopes);
    expect(type1).toContain('lists:read');
    const asType1 = { scopes: type1.join(' ') };
    const refused = await check({ issuer, serials }, asType1);
    expect([refused.status, refused.json['code']]).toEqual([403, 'scope-insufficient']);
    const granted = scopesGrantedTo('type1', allScopes, ['revocations:check']);
    expect((await check({ issuer, serials }, { scopes: granted.join(' ') })).status).toBe(200);
    expect(() => scopesGrantedTo('library', allScopes, ['revocations:check'])).toThrow('nothing');
  });

  it('returns reasons only with the scope for them, in both forms', async () => {
    const as = { scopes: scopesGrantedTo('type2', allScopes).join(' ') };
    const { json } = await check({ issuer, serials: [serial(2)] }, as);
    expect(checkResponse.parse(json).notGood?.revoked).toEqual({
      row: [0],
      revokedAt: ['2026-11-21T11:59:00Z'],
    });
    const full = await check({ issuer, serials: [serial(2)], form: 'full' }, as);
    expect(checkResponse.parse(full.json).rows).toEqual([
      { status: 'revoked', revokedAt: '2026-11-21T11:59:00Z' },
    ]);
  });

  it('stays for a client that was registered when it was one scope', async () => {
    const as = { scopes: 'revocations:read' };
    const { status, json } = await check({ issuer, serials: [serial(2)] }, as);
    expect([status, checkResponse.parse(json).notGood?.revoked.reason]).toEqual([
      200,
      ['keyCompromise'],
    ]);
    const listed = await call('GET', '/v1/revocations/sources', undefined, as);
    expect(listed.statusCode).toBe(200);
  });

  it('is counted by rows on the day of its service; what does not fit is not counted', async () => {
    const as = { quota: memoryCheckQuota(), identifiersPerDay: 10 };
    const ask = async (rows: number, more: CallAs = {}) => {
      const body = { issuer, serials: Array.from({ length: rows }, () => serial(0)) };
      const { status, json, headers } = await check(body, { ...as, ...more });
      return status === 200
        ? status
        : [status, json['code'], json['quota'], headers!['Retry-After']];
    };
    // Midnight, UTC, is twelve hours away.
    const refused = [429, 'quota-exceeded', 'service-identifiers-per-day', '43200'];
    expect([await ask(6), await ask(5), await ask(4), await ask(1)]).toEqual([
      200,
      refused,
      200,
      refused,
    ]);
    expect(await ask(10, { serviceId: 'another' })).toBe(200);
    expect(await ask(10, { at: now + day / 2 })).toBe(200);
    // The operator's number for this service prevails, larger or smaller.
    expect(await ask(12, { serviceId: 'third', ownPerDay: '12' })).toBe(200);
    expect(await ask(3, { serviceId: 'fourth', ownPerDay: '2' })).toEqual(refused);
  });
});

async function noted(serials: readonly string[], serviceId = 's') {
  const lines: Readonly<Record<string, unknown>>[] = [];
  await check({ issuer, serials }, { serviceId, log: (line) => void lines.push(line) });
  return lines[0]!['dense'] === true ? lines[0]!['closeSerials'] : false;
}

const from = (count: number, step: number) =>
  Array.from({ length: count }, (_, n) => (0xa000_0000 + n * step).toString(16));

describe('a question that counts through serials', () => {
  beforeEach(() => {
    recent = new RecentSerials();
  });

  it.each([
    ['one after the other', from(100, 1), 99],
    ['backwards, in steps of sixteen', from(100, 16).toReversed(), 99],
    ['hidden among three times as many others', [...from(101, 1), ...from(300, 1000)], 100],
  ])('is noted: %s', async (_, serials, close) => {
    expect(await noted(serials)).toBe(close);
  });

  it.each([
    ['fewer than a hundred', from(99, 1)],
    ['a register, whose serials lie apart', from(5_000, 17)],
    ['the same backwards', from(5_000, 17).toReversed()],
    ['among four times as many others', [...from(100, 1), ...from(400, 1000)]],
    ['the same serial, again and again', Array.from({ length: 200 }, () => 'a0')],
  ])('is not: %s', async (_, serials) => {
    expect(await noted(serials)).toBe(false);
  });
});

const inCalls = async (serials: readonly string[], each: number, services = ['s']) => {
  const found: unknown[] = [];
  for (let at = 0; at < serials.length; at += each) {
    const serviceId = services[(at / each) % services.length]!;
    found.push(await noted(serials.slice(at, at + each), serviceId));
  }
  return found;
};

const numbers = (first: number, count: number) =>
  Float64Array.from({ length: count }, (_, n) => first + n);

describe('calls that count through serials, a few in each', () => {
  beforeEach(() => {
    recent = new RecentSerials();
  });

  it('are noted from the hundredth serial on', async () => {
    expect(await inCalls(from(120, 1), 20)).toEqual([false, false, false, false, 99, 119]);
  });

  it('are noted where a register is asked in between', async () => {
    const mixed = from(100, 1).flatMap((serial, n) => [serial, (0x1000 + n * 5000).toString(16)]);
    expect((await inCalls(mixed, 50)).at(-1)).toBe(99);
  });

  it.each([
    ['two services that count half of it each', from(190, 1), ['s', 't']],
    ['a register', from(500, 1300), ['s']],
  ])('are not: %s', async (_, serials, services) => {
    expect(new Set(await inCalls(serials, 5, services))).toEqual(new Set([false]));
  });

  it('are not where the same cards are asked for every night', async () => {
    const cards = from(200, 1300);
    for (let night = 0; night < 5; night++) expect(await noted(cards)).toBe(false);
  });

  it('are forgotten beyond the latest serials and services', () => {
    const { recentSerials, recentServices } = revocationCheckLimits;
    expect(recent.add('s', issuer, numbers(0, recentSerials + 5))[0]).toBe(5);
    expect(recent.add('s', issuer, numbers(9_000, 1))[0]).toBe(6);
    for (let n = 0; n < recentServices; n++) recent.add(`other-${n}`, issuer, numbers(0, 1));
    expect(recent.add('s', issuer, numbers(9_000, 1))).toHaveLength(1);
  });
});

const sources = async (at = now) => {
  const { body } = await call('GET', '/v1/revocations/sources', undefined, { at });
  return listRevocationSources.responses[200].schema.parse(JSON.parse(body)).sources;
};

describe('GET /v1/revocations/sources', () => {
  it('returns number, dates, size and age of every list', async () => {
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

  it('reports an expired list and why its successor was refused', async () => {
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
