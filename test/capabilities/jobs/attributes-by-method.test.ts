import { describe, expect, it } from '@jest/globals';
import { attributeStatus } from '../../../lambdas/capabilities/attribute-status/operation.ts';
import { checkChunk } from '../../../lambdas/capabilities/jobs/check-chunk.ts';
import { finishJob } from '../../../lambdas/capabilities/jobs/finish-job.ts';
import { jobFiles } from '../../../lambdas/capabilities/jobs/job-files.ts';
import { createJob, getJob, startJob } from '../../../lambdas/capabilities/jobs/job-operations.ts';
import { jobLimits } from '../../../lambdas/capabilities/jobs/limits.ts';
import { planJob } from '../../../lambdas/capabilities/jobs/plan-job.ts';
import type { JobChunk } from '../../../lambdas/capabilities/jobs/ports.ts';
import { RecentSerials } from '../../../lambdas/capabilities/revocation-checks/recent-serials.ts';
import type { BulkLists } from '../../../lambdas/crl-store/lookup/bulk-check.ts';
import { notListed } from '../../../lambdas/crl-store/format/packed-serials.ts';
import { MyKeyError } from '../../../lambdas/errors.ts';
import { findAttributeBaseline } from '../../../lambdas/people/attribute-baseline.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import type { LinkedSignatureCertificate } from '../../../lambdas/people/linkage.ts';
import type { OcspClient } from '../../../lambdas/pki/ocsp/ocsp-client.ts';
import type { RevocationMethod } from '../../../lambdas/pki/revocation/revocation-status.ts';
import type { StoredLists } from '../../../lambdas/pki/revocation/stored-lists.ts';
import type { TrustProfile } from '../../../lambdas/pki/trust-profile.ts';
import { issuerKeyIdOf } from '../../../lambdas/pki/x509/issuer-key-id.ts';
import { labelledKeys, labelledPpidMac } from '../../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../../fakes/memory-identity-store.ts';
import { memoryCheckQuota } from '../../fakes/memory-stores.ts';
import {
  anchor,
  profile,
  responders,
  storedLists,
  type Answer,
  type StoredList,
} from '../../pki/revocation/revocation-fixtures.ts';
import { parseOcspRequest } from '../../vectors/parse-ocsp-request.ts';
import { hours, now, seconds } from '../../vectors/revocation-pki.ts';
import { memoryJobFiles, memoryJobStore, memoryRunner } from './memory-jobs.ts';

const day = 86_400_000;
const start = now.getTime();
const service = { serviceId: 'svc_a', sectorId: 'sec_a' };
const issuerKeyId = issuerKeyIdOf(anchor);
const town = 'd'.repeat(64);
const signing: TrustProfile = {
  ...profile,
  anchors: [{ id: 'login', kind: 'digital-signature', certificate: anchor }],
};

const listed = (serial: number, listScope?: string): LinkedSignatureCertificate => ({
  reference: { issuerKeyId, serial: Buffer.of(serial), ...(listScope && { listScope }) },
});
const none = (reason: string): LinkedSignatureCertificate => ({ reference: undefined, reason });
const moved = { revokedAt: start - 3600_000, reason: 'affiliationChanged' } as const;
const byResponder = { revokedAt: seconds(-600), reason: 3 } as const;

/** The persons of a register, by the serial of the card; what the responder and the lists say of each. */
const register: readonly {
  readonly who: string;
  readonly linked: LinkedSignatureCertificate | 'unavailable';
  readonly validUntil?: number;
  readonly answer?: Answer;
}[] = [
  { who: 'unchanged', linked: listed(1, town) },
  { who: 'moved, says the list of the town alone', linked: listed(2, town) },
  { who: 'moved, says the full list alone, the older one', linked: listed(3, town) },
  { who: 'moved, on the full list, without a town', linked: listed(4) },
  { who: 'moved this minute', linked: listed(5, town), answer: byResponder },
  {
    who: 'got a new card',
    linked: listed(6, town),
    answer: { revokedAt: seconds(-600), reason: 4 },
  },
  { who: 'of whom the responder knows nothing', linked: listed(7, town), answer: 'unknown' },
  { who: 'whose responder has an old answer', linked: listed(8, town), answer: 'stale' },
  { who: 'whose responder does not answer', linked: listed(9, town), answer: 'timeout' },
  { who: 'of an unloaded town', linked: listed(10, 'e'.repeat(64)) },
  { who: 'under 15', linked: none('not-issued') },
  { who: 'on a phone', linked: none('not-available') },
  { who: 'never confirmed', linked: 'unavailable' },
  { who: 'whose certificate has expired', linked: listed(14, town), validUntil: start - 1 },
];

const bothLists: readonly StoredList[] = [
  {
    thisUpdate: hours(-2),
    revoked: {
      '03': moved,
      '04': moved,
      '06': { revokedAt: start - day, reason: 'superseded' },
    },
  },
  {
    scope: town,
    thisUpdate: hours(-1),
    revoked: { '02': moved, '06': { revokedAt: start - day, reason: 'superseded' } },
  },
];
const [fullList] = bothLists;

/** Answers by the serial that is asked for; counts and times each question. */
function responderOf(takesMs: number) {
  const state = { asked: 0, atOnce: 0, mostAtOnce: 0, elapsedMs: 0 };
  const client: OcspClient = {
    async ask(question) {
      state.asked += 1;
      state.mostAtOnce = Math.max(state.mostAtOnce, ++state.atOnce);
      // The serial is the last field of a CertID (RFC 6960 §4.1.1).
      const serial = parseOcspRequest(question.request).certificates[0]!.certId.at(-1);
      const one = register.find(({ linked }) => serialOf(linked) === serial);
      await new Promise((resolve) => setImmediate(resolve));
      state.elapsedMs += Math.min(takesMs, question.timeoutMs);
      state.atOnce -= 1;
      const answer = takesMs > question.timeoutMs ? 'timeout' : (one?.answer ?? 'good');
      return responders({ first: answer, second: answer }).client.ask(question);
    },
  };
  return { client, state };
}

const serialOf = (linked: LinkedSignatureCertificate | 'unavailable'): number | undefined =>
  linked === 'unavailable' ? undefined : linked.reference?.serial[0];

const reasonCodes = { affiliationChanged: 3, superseded: 4 } as const;

/** The same lists, packed. */
const packed = (lists: StoredLists): Pick<BulkLists, 'lookupPacked'> => ({
  async lookupPacked(generation, { bytes, starts, count }) {
    const serials = Array.from({ length: count }, (_, n) =>
      bytes.subarray(starts[n], starts[n + 1]),
    );
    const found = notListed(count);
    for (const [n, entry] of (await lists.lookup(generation, serials)).entries()) {
      if (entry === undefined) continue;
      found.seconds[n] = entry.revokedAt / 1000;
      found.reasons[n] = reasonCodes[entry.reason as keyof typeof reasonCodes];
    }
    return found;
  },
});

/** Everybody of the register has logged in once; `single` and `bulk` ask about the same records. */
async function scene(given: readonly StoredList[] = bothLists, takesMs = 10) {
  const store = memoryIdentityStore();
  const lists = storedLists(given);
  const { client: ocsp, state } = responderOf(takesMs);
  const keys = labelledKeys();
  let isOut = true;
  const linkage = {
    predecessorOf: async () => undefined,
    signatureCertificateOf: async ({ serial }: { readonly serial: Uint8Array }) => {
      const { linked } = register[serial[0]!]!;
      if (linked !== 'unavailable') return linked;
      if (isOut) throw new MyKeyError('linkage-unavailable', 'out');
      return listed(13, town);
    },
  };
  const ports = { keys, store, linkage, profile: signing, ocsp, lists, now: start };
  const elapsedMs = () => state.elapsedMs;
  const ppids: string[] = [];
  for (const [n, { validUntil = start + 1000 * day }] of register.entries()) {
    const card = { issuerKeyId: 'a'.repeat(64), serial: Buffer.of(n), validUntil };
    ppids.push(
      await identifyPerson(card, service, {
        ...ports,
        elapsedMs: () => 0,
        ppidMac: labelledPpidMac(),
      }),
    );
  }
  isOut = false;

  const single = async (ppid: string, method: RevocationMethod) => {
    const question = { serviceId: service.serviceId, ppid, confirmed: false, method };
    const { comparedWith: _, ...found } = await attributeStatus(question, {
      ...ports,
      elapsedMs: () => 0,
    });
    return found;
  };

  const pauses: number[] = [];
  const job = async (rows: readonly string[], method?: RevocationMethod, format = 'ndjson') => {
    const content = Buffer.from(
      rows.map((ppid) => (format === 'csv' ? ppid : JSON.stringify({ ppid }))).join('\n'),
    );
    const files = memoryJobFiles();
    const dependencies = { store: memoryJobStore(), files, runner: memoryRunner(), now: start };
    const asked = {
      format: format as 'csv' | 'ndjson',
      compression: 'none',
      by: 'ppid',
      ask: 'attributes',
      rows: 'all',
      uploadBytes: content.length,
      ...(method && { method }),
    } as const;
    await createJob(service.serviceId, 'job-1', asked, signing, dependencies);
    files.objects.set(jobFiles.upload('job-1'), content);
    await startJob(service.serviceId, 'job-1', dependencies);
    const { manifestKey } = await planJob('job-1', {
      ...dependencies,
      lists,
      profile: signing,
      quota: memoryCheckQuota(),
      identifiersPerDay: 1,
    });
    const chunks = JSON.parse(files.objects.get(manifestKey)!.toString()) as JobChunk[];
    const check = (chunk: JobChunk, more: object = {}) =>
      checkChunk('job-1', chunk, {
        ...dependencies,
        lists: packed(lists),
        findCertificates: async () => [],
        findBaseline: findAttributeBaseline(ports),
        ocsp,
        profile: signing,
        elapsedMs,
        pause: async (ms) => {
          pauses.push(ms);
          state.elapsedMs += ms;
        },
        recent: new RecentSerials(),
        log: () => {},
        attempt: 'a',
        ...more,
      });
    const finish = async () => {
      await finishJob('job-1', false, dependencies);
      return (await getJob(service.serviceId, 'job-1', dependencies)).job;
    };
    const lines = () =>
      files.objects.get(jobFiles.result('job-1'))!.toString().trimEnd().split('\n');
    return { chunks, check, finish, lines, ...dependencies };
  };
  const bulk = async (rows: readonly string[], method?: RevocationMethod, format = 'ndjson') => {
    const made = await job(rows, method, format);
    for (const chunk of made.chunks) await made.check(chunk);
    return { job: await made.finish(), lines: made.lines() };
  };
  return { ppids, single, job, bulk, pauses, state };
}

const dayOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 10)}T00:00:00Z`;
const second = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** What a line of a job must say, by the answer of a single question. */
function lineOf(
  line: number,
  ppid: string,
  found: Awaited<ReturnType<Awaited<ReturnType<typeof scene>>['single']>>,
): object {
  const { evidence } = found;
  return {
    line,
    ppid,
    status: found.status,
    ...(found.status === 'unknown' && { reason: found.reason }),
    ...(found.status === 'changed' && { changedAt: dayOf(found.changedAt) }),
    ...(evidence && {
      sourceAt: second(evidence.thisUpdate),
      method: evidence.method,
      source: evidence.source,
    }),
  };
}

describe('one person and a whole register', () => {
  it.each(['ocsp', 'crl', 'auto'] as const)('have the same answers by %s', async (method) => {
    const { ppids, bulk, single } = await scene();
    const { job, lines } = await bulk(ppids, method);
    const told = lines.map((line) => JSON.parse(line) as object);
    for (const [n, { who }] of register.entries())
      expect({ who, ...told[n]! }).toEqual({
        who,
        ...lineOf(n + 1, ppids[n]!, await single(ppids[n]!, method)),
      });
    const count = (status: string) => lines.filter((line) => line.includes(`"${status}"`)).length;
    expect(job.totals).toEqual({
      rows: register.length,
      good: count('unchanged'),
      revoked: count('changed'),
      unknown: count('unknown'),
      malformed: 0,
    });
    expect([count('unchanged'), count('changed'), count('unknown')]).toEqual(
      { ocsp: [5, 1, 8], crl: [7, 2, 5], auto: [7, 1, 6] }[method],
    );
  });

  it('have the same answers without a method, where full lists alone are loaded', async () => {
    const { ppids, bulk, single } = await scene([fullList!]);
    const { lines } = await bulk(ppids);
    for (const [n, line] of lines.entries()) {
      const found = lineOf(n + 1, ppids[n]!, await single(ppids[n]!, 'crl')) as {
        method?: string;
        source?: string;
      };
      delete found.method;
      delete found.source;
      expect(JSON.parse(line)).toEqual(found);
    }
  });

  it('are asked of the full lists alone without a method, whatever a town’s newer list says', async () => {
    const { ppids, bulk } = await scene();
    const { lines } = await bulk(ppids.slice(1, 3));
    expect(lines.map((line) => (JSON.parse(line) as { status: string }).status)).toEqual([
      'unchanged',
      'changed',
    ]);
  });

  it('name what answered each row, in CSV in columns of their own', async () => {
    const { ppids, bulk } = await scene();
    const { lines } = await bulk(['ppid', ppids[1]!, ppids[10]!], 'crl', 'csv');
    expect(lines).toEqual([
      'line,ppid,status,reason,changedAt,sourceAt,method,source',
      `2,${ppids[1]},changed,,${dayOf(moved.revokedAt)},${second(hours(-1).getTime())},crl,login/municipality`,
      `3,${ppids[10]},unknown,signature-certificate-not-issued,,,,`,
    ]);
  });

  it('tell nothing of another service’s persons by any method', async () => {
    const { bulk } = await scene();
    for (const method of ['ocsp', 'crl', 'auto'] as const)
      expect(JSON.parse((await bulk(['a'.repeat(32)], method)).lines[0]!)).toMatchObject({
        status: 'unknown',
        reason: 'ppid-unknown',
      });
  });
});

describe('a responder that is asked for a register', () => {
  const many = 40;

  it('is asked by one chunk no more often at once than the limit says', async () => {
    const { ppids, bulk, state } = await scene();
    await bulk(
      Array.from({ length: many }, () => ppids[0]!),
      'ocsp',
    );
    expect(state).toMatchObject({ asked: many, mostAtOnce: jobLimits.ocspAtOnce });
  });

  it('is left alone for a while by who got no answer', async () => {
    const { ppids, bulk, pauses } = await scene();
    await bulk([ppids[0]!, ppids[8]!, ppids[0]!], 'ocsp');
    expect(pauses).toEqual([jobLimits.ocspPauseMs]);
  });

  it('leaves no row unanswered where it is too slow: the rest is unknown, with the reason', async () => {
    const { ppids, bulk, state } = await scene(bothLists, 20_000);
    const rows = Array.from({ length: jobLimits.chunkLinesByOcsp }, () => ppids[0]!);
    const { job, lines } = await bulk(rows, 'ocsp');
    expect(job.totals).toMatchObject({ rows: rows.length, unknown: rows.length });
    const reasons = lines.map((line) => (JSON.parse(line) as { reason: string }).reason);
    expect(new Set(reasons)).toEqual(new Set(['ocsp-timeout', 'time-budget-spent']));
    expect(reasons.at(-1)).toBe('time-budget-spent');
    // Lambda ends a chunk after 15 minutes.
    expect(state.elapsedMs).toBeLessThan(jobLimits.ocspChunkMs + 60_000);
  });

  it('gives way to the lists under auto once the time of the chunk is spent', async () => {
    const { ppids, job } = await scene();
    const made = await job([ppids[1]!, ppids[0]!], 'auto');
    for (const chunk of made.chunks)
      await made.check(chunk, { elapsedMs: () => jobLimits.ocspChunkMs });
    await made.finish();
    expect(made.lines().map((line) => JSON.parse(line) as object)).toMatchObject([
      { status: 'changed', method: 'crl' },
      { status: 'unchanged', method: 'crl' },
    ]);
  });

  it('is believed though it answers long after the job was planned', async () => {
    const { ppids, job } = await scene();
    const made = await job([ppids[0]!], 'ocsp');
    await made.check(made.chunks[0]!, { now: start + 1800_000 });
    await made.finish();
    expect(JSON.parse(made.lines()[0]!)).toMatchObject({ status: 'unchanged', method: 'ocsp' });
  });

  it.each(['ocsp', 'auto'] as const)(
    'is not asked for more rows than a job may: %s',
    async (method) => {
      const { job } = await scene();
      const rows = Array.from({ length: jobLimits.ocspLines + 1 }, () => 'a'.repeat(32));
      const made = await job(rows, method, 'csv');
      expect(made.chunks).toEqual([]);
      expect(await made.finish()).toMatchObject({
        state: 'failed',
        failure: 'upload-too-large-for-ocsp',
      });
      expect((await job(rows.slice(1), method, 'csv')).chunks).toHaveLength(
        jobLimits.ocspLines / jobLimits.chunkLinesByOcsp,
      );
      expect((await job(rows, 'crl', 'csv')).chunks).not.toEqual([]);
    },
  );
});

describe('the lists of a job', () => {
  it('are those of its planning, of towns too, whatever is loaded meanwhile', async () => {
    const given: StoredList[] = [...bothLists];
    const { ppids, job } = await scene(given);
    const made = await job([ppids[1]!], 'crl');
    given[1] = { scope: town, thisUpdate: hours(0) };
    await made.check(made.chunks[0]!);
    await made.finish();
    expect(JSON.parse(made.lines()[0]!)).toMatchObject({ status: 'changed' });
  });

  it.each([undefined, 'crl'] as const)(
    'that cannot be read fail the attempt, which is repeated, and no row: %s',
    async (method) => {
      const { ppids, job } = await scene();
      const made = await job([ppids[0]!], method);
      const lists = {
        lookupPacked: () => Promise.reject(new MyKeyError('dependency-unavailable', 'away')),
      };
      await expect(made.check(made.chunks[0]!, { lists })).rejects.toMatchObject({
        code: 'dependency-unavailable',
      });
      await made.check(made.chunks[0]!);
      expect((await made.finish()).totals).toMatchObject({ good: 1 });
    },
  );
});
