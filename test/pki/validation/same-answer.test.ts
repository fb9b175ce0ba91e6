import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { run as verifyCommand } from '../../../cli/verify.ts';
import { certificatesHandler } from '../../../lambdas/capabilities/certificates/handler.ts';
import { ingestCrl } from '../../../lambdas/crl-store/ingest/ingest-crl.ts';
import { isCodedError } from '../../../lambdas/errors.ts';
import type { TrustProfile } from '../../../lambdas/pki/trust-profile.ts';
import { validateUnderProfile } from '../../../lambdas/pki/validation/validate-under-profile.ts';
import { validationReportJson } from '../../../lambdas/pki/validation/validation-report.ts';
import { buildName, certificateExtensions as ext } from '../../../sandbox/pki/build-certificate.ts';
import { buildCrl, crlExtensions, directoryPoint } from '../../../sandbox/pki/build-crl.ts';
import {
  buildCertId,
  buildOcspError,
  buildOcspResponse,
  type SingleResponseTemplate,
} from '../../../sandbox/pki/build-ocsp.ts';
import { eventFor, type2Caller } from '../../capabilities/gateway-event.ts';
import { verifyCase } from '../../../cli/verify-case.ts';
import { inChunks } from '../../crl-store/list-fixtures.ts';
import { MemoryLists } from '../../../lambdas/platform/adapters/memory/memory-lists.ts';
import { hours, now } from '../../vectors/revocation-pki.ts';
import { anchor, loginPolicy, person, pki, profile } from '../revocation/revocation-fixtures.ts';

/*
 * For the same certificate, trust profile, CRLs and responses, the API (ingested CRLs, live responders) and
 * the command line (given CRLs and responses) must give the same result.
 */

const hour = 3_600_000;
const url = 'http://responder.test/ocsp';
const municipalName = buildName(['C', 'JP'], ['O', 'CRL'], ['OU', '131016']);
const municipality = directoryPoint(municipalName);
const sources = [
  { id: 'login/full', anchorId: 'login', url: 'http://lists.test/full.crl' },
  {
    id: 'login/131016',
    anchorId: 'login',
    url: 'http://lists.test/131016.crl',
    distributionPoint: municipality,
  },
];

interface List {
  readonly source: (typeof sources)[number];
  readonly der: Uint8Array;
  readonly thisUpdate: number;
}

interface Question {
  readonly certificate: Uint8Array;
  readonly kind: 'user-authentication' | 'digital-signature' | 'any';
  readonly method: 'ocsp' | 'crl' | 'auto';
  /** Oldest first, in the order of ingestion. */
  readonly lists: readonly List[];
  readonly response: Uint8Array | undefined;
  readonly profile: TrustProfile;
}

interface ListChange {
  readonly source?: (typeof sources)[number];
  readonly ageHours?: number;
  readonly lifeHours?: number;
  readonly revoked?: readonly number[];
  readonly reason?: number;
  readonly onlyUserCertificates?: boolean;
  readonly byStranger?: boolean;
  readonly number?: number;
  /** BaseCRLNumber, for a delta CRL. */
  readonly deltaBase?: number;
}

function listOf(change: ListChange = {}): List {
  const { source = sources[0]!, ageHours = 1, lifeHours = 24, revoked = [], number = 10 } = change;
  const thisUpdate = hours(-ageHours);
  const point = {
    ...(source.distributionPoint && { distributionPoint: source.distributionPoint }),
    ...(change.onlyUserCertificates && { onlyUserCertificates: true }),
  };
  const der = buildCrl(
    {
      issuer: pki.authority.name,
      thisUpdate,
      nextUpdate: hours(lifeHours - ageHours),
      entries: revoked.map((serial) => ({
        serial,
        revokedAt: hours(-ageHours - 1),
        ...(change.reason !== undefined && { reason: change.reason }),
      })),
      extensions: [
        crlExtensions.crlNumber(number),
        ...(change.deltaBase === undefined
          ? []
          : [crlExtensions.deltaCrlIndicator(change.deltaBase)]),
        ...(Object.keys(point).length > 0 ? [crlExtensions.issuingDistributionPoint(point)] : []),
      ],
    },
    (change.byStranger ? pki.otherGeneration : pki.authority).signer,
  );
  return { source, der, thisUpdate: thisUpdate.getTime() };
}

/** Result of the API's handler, with CRLs that were ingested when they were new. */
async function askApi(question: Question) {
  const { certificate, kind, method, response, profile: rules } = question;
  const lists = new MemoryLists();
  let refusedAtIngestion = false;
  for (const { der, thisUpdate } of question.lists) {
    const at = Math.min(thisUpdate + 60_000, now.getTime());
    const context = { rules, writer: lists, now: at };
    try {
      await ingestCrl(inChunks(der), sources, context);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      refusedAtIngestion = true;
    }
  }
  const ask = () =>
    Promise.resolve(
      response === undefined
        ? ({ outcome: 'unreachable' } as const)
        : ({ outcome: 'answered', response } as const),
    );
  const handler = certificatesHandler(
    validateUnderProfile,
    () => ({ profile: rules, ocsp: { ask }, lists, elapsedMs: () => 0 }),
    { publicBaseUrl: 'https://platform.example', clock: () => now.getTime(), log: () => undefined },
  );
  const body = {
    certificate: Buffer.from(certificate).toString('base64'),
    ...(kind !== 'any' && { kind }),
    method,
    report: true,
  };
  const event = eventFor('validate-certificate', { body, caller: type2Caller });
  const result = await handler(event, {});
  if (result.statusCode !== 200) throw new Error(result.body);
  const { report } = JSON.parse(result.body) as { report: Report };
  return { report, refusedAtIngestion };
}

type Report = ReturnType<typeof validationReportJson>;

/** Result of `mykey verify --profile` with the same files. */
async function askCommand(question: Question): Promise<Report> {
  const { certificate, kind, method, lists, response, profile: rules } = question;
  const report = await verifyCase({
    certificate: { source: 'card', bytes: certificate },
    intermediates: [],
    anchors: [],
    crls: lists.map(({ source, der }) => ({ source: source.id, bytes: der })),
    ocspResponses: response === undefined ? [] : [{ source: url, bytes: response }],
    method,
    revocationOf: 'path',
    time: now.getTime(),
    algorithms: rules.algorithms,
    explicitPolicy: false,
    inhibitPolicyMapping: false,
    inhibitAnyPolicy: false,
    issuanceRules: false,
    requireResponderStatus: false,
    kind: { wanted: kind, profile: rules },
  });
  return JSON.parse(JSON.stringify(validationReportJson(report, now.getTime()))) as Report;
}

/** The report without durations and attempts. */
const comparable = (report: Report, ignoreWhy: boolean) => ({
  ...report,
  attempts: undefined,
  revocation:
    ignoreWhy && report.revocation?.status === 'unknown'
      ? { status: 'unknown' }
      : report.revocation,
});

// Certificates, issued once

const login = ext.certificatePolicies(loginPolicy);
const clientAuth = ext.extendedKeyUsage('1.3.6.1.5.5.7.3.2');
const digitalSignature = ext.keyUsage('digitalSignature');
const point = ext.crlDistributionPoint(municipalName);
const card = (change: Parameters<typeof pki.issue>[2] = {}, by = pki.authority) =>
  pki.issue(by, pki.name('Person'), {
    serial: 4242,
    extensions: [digitalSignature, login, clientAuth],
    ...change,
  }).der;

const cards: readonly Uint8Array[] = [
  person.der,
  card(),
  card({ extensions: [digitalSignature, login, clientAuth, point] }),
  card({ serial: (1n << 159n) + 7n }),
  card({ notAfter: hours(-1) }),
  card({ notBefore: hours(1) }),
  card({ extensions: [digitalSignature, ext.certificatePolicies('1.2.3.4')] }),
  card({ extensions: [digitalSignature, clientAuth] }),
  card({ extensions: [digitalSignature, login] }),
  card({ extensions: [ext.basicConstraints(true), digitalSignature, login, clientAuth] }),
  card({ version: 1, extensions: [] }),
  card({}, pki.otherGeneration),
  card({}, pki.stranger),
  tampered(person.der),
  person.der.subarray(0, 200),
];

function tampered(der: Uint8Array): Uint8Array {
  const changed = Buffer.from(der);
  changed[changed.length - 5]! ^= 1;
  return changed;
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function questionFrom(seed: number): Question {
  const random = randomFrom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const oneOf = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const response = below(3) === 0 ? undefined : responseFrom(oneOf, random);
  const rules = {
    ...profile,
    crlSources: sources,
    clockSkewMs: oneOf([0, 60_000, 300_000]),
    crlMaxAgeMs: oneOf([6, 48, 240, 240]) * hour,
    ocspMaxAgeMs: oneOf([1, 12]) * hour,
    ocspResponders:
      response === undefined ? [] : [{ anchorId: 'login', url, nonce: 'none' as const }],
  };
  const lifeHours = oneOf([4, 300, 300]);
  const ages = Array.from({ length: 1 + below(4) }, () =>
    oneOf([-1, -0.05, 0.5, 0.6, 1, 2, 3, 5, 20, 30, 100, 168, 260]),
  );
  return {
    certificate: below(3) > 0 ? cards[below(4)]! : oneOf(cards),
    kind: oneOf([
      'user-authentication',
      'user-authentication',
      'user-authentication',
      'any',
      'any',
      'digital-signature',
    ]),
    method: oneOf(['ocsp', 'crl', 'auto']),
    lists: ages
      .sort((a, b) => b - a)
      .map((ageHours, index) => {
        const isDelta = index > 0 && below(2) === 0;
        return listOf({
          ...(isDelta && { deltaBase: 10 }),
          ageHours: ageHours + below(50) / 1000,
          lifeHours: isDelta ? oneOf([4, lifeHours]) : lifeHours,
          source: oneOf(sources),
          revoked: oneOf([[], [], [4242], [77], [77, 4242]]),
          number: 10 + index,
          reason: oneOf(isDelta ? [0, 1, 6, 8] : [0, 1, 3, 4, 6]),
          onlyUserCertificates: below(4) === 0,
          byStranger: below(8) === 0,
        });
      }),
    response,
    profile: rules,
  };
}

function responseFrom(
  oneOf: <T>(items: readonly T[]) => T,
  random: () => number,
): Uint8Array | undefined {
  if (random() < 0.1) return buildOcspError('tryLater');
  const age = oneOf([-1, -0.05, 0.1, 0.9, 2, 20]);
  const status: SingleResponseTemplate['status'] = oneOf([
    'good',
    'good',
    'unknown',
    { revokedAt: hours(-30) },
  ]);
  const by = random() < 0.1 ? pki.stranger : pki.authority;
  return buildOcspResponse(
    {
      responder: { byKey: by.spki },
      producedAt: hours(-age),
      responses: [
        {
          certId: buildCertId({
            issuerName: pki.authority.name,
            issuerSpki: pki.authority.spki,
            serial: oneOf([4242, 4242, 4242, 4243]),
          }),
          status,
          thisUpdate: hours(-age),
          ...(random() < 0.5 && { nextUpdate: hours(oneOf([1, 12]) - age) }),
        },
      ],
    },
    by.signer,
  );
}

describe('the API and the command line give the same answer', () => {
  const seeds = Array.from({ length: 10 }, (_, block) => block * 100 + 1);
  const answers = new Map<string, number>();

  it.each(seeds)('for a hundred random cases from seed %i', async (first) => {
    for (let seed = first; seed < first + 100; seed++) {
      const question = questionFrom(seed);
      const { report, refusedAtIngestion } = await askApi(question);
      const given = await askCommand(question);
      const answer = `${report.verdict} ${report.code ?? ''}`;
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
      // A CRL that ingestion refused is not in the store, so the reasons differ; both are unknown.
      const own = { seed, ...comparable(report, refusedAtIngestion) };
      expect(own).toEqual({ seed, ...comparable(given, refusedAtIngestion) });
    }
  });

  it('with every verdict', () => {
    expect([...answers.keys()].sort()).toEqual(
      expect.arrayContaining([
        'indeterminate revocation-unknown',
        'invalid certificate-expired',
        'invalid certificate-kind-wrong',
        'invalid certificate-malformed',
        'invalid certificate-revoked',
        'invalid certificate-signature-invalid',
        'valid ',
      ]),
    );
    expect(answers.get('valid ')).toBeGreaterThan(100);
    expect(answers.get('invalid certificate-revoked')).toBeGreaterThan(40);
  });
});

describe('a list seven days old', () => {
  const question: Question = {
    certificate: person.der,
    kind: 'user-authentication',
    method: 'crl',
    lists: [listOf({ ageHours: 168, lifeHours: 300 })],
    response: undefined,
    profile: { ...profile, crlSources: sources, ocspResponders: [] },
  };
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'verify-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is stale for the API', async () => {
    const { report } = await askApi(question);
    expect(report).toMatchObject({ verdict: 'indeterminate', revocation: { why: 'crl-stale' } });
  });

  it('is stale for mykey verify --profile', async () => {
    const log = jest.spyOn(console, 'log').mockReturnValue();
    try {
      const code = await verifyCommand([
        file(folder, 'card.der', question.certificate),
        '--profile',
        file(folder, 'profile.json', JSON.stringify(profileJson(question.profile))),
        '--crl',
        file(folder, 'full.crl', question.lists[0]!.der),
        '--time',
        now.toISOString(),
        '--json',
      ]);
      const report = JSON.parse(String(log.mock.calls[0]![0])) as Report;
      expect(report).toMatchObject({ verdict: 'indeterminate', revocation: { why: 'crl-stale' } });
      expect(code).toBe(2);
    } finally {
      log.mockRestore();
    }
  });
});

const askByLists = (...lists: readonly List[]) => askAboutByLists(person.der, lists);

async function askAboutByLists(certificate: Uint8Array, lists: readonly List[]) {
  const question: Question = {
    certificate,
    kind: 'user-authentication',
    method: 'crl',
    lists,
    response: undefined,
    profile: { ...profile, crlSources: sources, ocspResponders: [] },
  };
  const { report } = await askApi(question);
  expect(comparable(report, false)).toEqual(comparable(await askCommand(question), false));
  return report.revocation;
}

describe('a list seven days old with a delta of an hour ago', () => {
  const old = listOf({ ageHours: 168, lifeHours: 300, revoked: [4242] });
  const deltaOf = (change: ListChange) =>
    listOf({ ageHours: 1, lifeHours: 24, number: 11, deltaBase: 10, ...change });
  const clean = listOf({ ageHours: 168, lifeHours: 300 });

  it('has the age of the delta', async () => {
    const { thisUpdate } = deltaOf({});
    expect(await askByLists(clean, deltaOf({}))).toMatchObject({
      status: 'good',
      evidence: {
        crlNumber: '11',
        thisUpdate: new Date(thisUpdate).toISOString().replace('.000', ''),
      },
    });
    expect(await askByLists(old, deltaOf({}))).toMatchObject({ status: 'revoked' });
    expect(await askByLists(old, deltaOf({ revoked: [4242], reason: 8 }))).toMatchObject({
      status: 'good',
    });
    expect(await askByLists(clean, deltaOf({ revoked: [4242] }))).toMatchObject({
      status: 'revoked',
    });
  });

  it('is not used after its own nextUpdate', async () => {
    const ending = listOf({ ageHours: 168, lifeHours: 170 });
    expect(await askByLists(ending, deltaOf({}))).toMatchObject({
      status: 'good',
      evidence: { nextUpdate: hours(2).toISOString().replace('.000', '') },
    });
    const ended = listOf({ ageHours: 168, lifeHours: 167 });
    expect(await askByLists(ended, deltaOf({}))).toMatchObject({ why: 'crl-stale' });
  });

  it('is stale once the delta has expired, though the complete list alone would be current', async () => {
    const base = listOf({ ageHours: 20, lifeHours: 300 });
    const expired = deltaOf({ ageHours: 5, lifeHours: 4, number: 12 });
    expect(await askByLists(base)).toMatchObject({ status: 'good' });
    expect(await askByLists(base, expired)).toMatchObject({ why: 'crl-stale' });
    // Neither an older delta nor an older complete list takes its place; a later complete list does.
    const olderDelta = deltaOf({ ageHours: 6, number: 11 });
    expect(await askByLists(base, olderDelta, expired)).toMatchObject({ why: 'crl-stale' });
    const olderBase = listOf({ ageHours: 30, lifeHours: 300, number: 9 });
    expect(await askByLists(olderBase, base, expired)).toMatchObject({ why: 'crl-stale' });
    expect(await askByLists(base, expired, listOf({ number: 13 }))).toMatchObject({
      status: 'good',
    });
    expect(await askByLists(olderBase, expired)).toMatchObject({ status: 'good' });
  });

  it('is not touched by an expired delta of another key or scope', async () => {
    const base = listOf({ ageHours: 20, lifeHours: 300 });
    for (const change of [{ byStranger: true }, { onlyUserCertificates: true }]) {
      const expired = deltaOf({ ageHours: 5, lifeHours: 4, ...change });
      expect(await askByLists(base, expired)).toMatchObject({ status: 'good' });
    }
    const older = listOf({ ageHours: 30, lifeHours: 300, number: 9, source: sources[1]! });
    const expired = deltaOf({ ageHours: 5, lifeHours: 4 });
    expect(await askAboutByLists(cards[2]!, [older, base, expired])).toMatchObject({
      status: 'good',
      evidence: { crlNumber: '9' },
    });
  });

  it('is not changed by a delta with a higher number and an earlier thisUpdate', async () => {
    const held = listOf({ ageHours: 1, revoked: [4242], reason: 6 });
    const released = deltaOf({ ageHours: 2, revoked: [4242], reason: 8 });
    expect(await askByLists(held, released)).toMatchObject({ status: 'revoked' });
  });

  it('outweighs a list of another scope that is older than the delta', async () => {
    const between = listOf({ ageHours: 5, source: sources[1]! });
    const revoking = deltaOf({ revoked: [4242] });
    const lists = [clean, between, revoking];
    expect(await askAboutByLists(cards[2]!, lists)).toMatchObject({ status: 'revoked' });
  });

  it('has its own age if the delta is of another key or scope', async () => {
    expect(await askByLists(clean, deltaOf({ byStranger: true }))).toMatchObject({
      why: 'crl-stale',
    });
    expect(await askByLists(clean, deltaOf({ onlyUserCertificates: true }))).toMatchObject({
      why: 'crl-stale',
    });
  });
});

function file(folder: string, name: string, bytes: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** The JSON form of the trust profile, as far as the cases need it. */
const profileJson = (rules: TrustProfile) => ({
  ...rules,
  anchors: [
    {
      id: 'login',
      kind: 'user-authentication',
      certificate: Buffer.from(anchor.der).toString('base64'),
    },
  ],
  crlSources: [],
});
