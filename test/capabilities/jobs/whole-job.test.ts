import { describe, expect, it } from '@jest/globals';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  checkChunk,
  type ChunkDependencies,
} from '../../../lambdas/capabilities/jobs/check-chunk.ts';
import { finishJob } from '../../../lambdas/capabilities/jobs/finish-job.ts';
import { jobFiles } from '../../../lambdas/capabilities/jobs/job-files.ts';
import {
  cancelJob,
  createJob,
  getJob,
  startJob,
} from '../../../lambdas/capabilities/jobs/job-operations.ts';
import type { JobRequest } from '../../../lambdas/capabilities/jobs/job.ts';
import { jobLimits } from '../../../lambdas/capabilities/jobs/limits.ts';
import { planJob, type PlanDependencies } from '../../../lambdas/capabilities/jobs/plan-job.ts';
import type {
  FindBaseline,
  FindCertificates,
  JobChunk,
} from '../../../lambdas/capabilities/jobs/ports.ts';
import { RecentSerials } from '../../../lambdas/capabilities/revocation-checks/recent-serials.ts';
import { notListed } from '../../../lambdas/crl-store/format/packed-serials.ts';
import { memoryCheckQuota } from '../../fakes/memory-stores.ts';
import { memoryJobFiles, memoryJobStore, memoryRunner } from './memory-jobs.ts';
import {
  keyIdOf,
  listOf,
  memoryLists,
  now,
  profile,
  revokedAt,
  withoutResponders,
} from './sample-lists.ts';

const auth = listOf('auth-2023');
const lists = memoryLists([auth], { 'auth-2023-1': ['0b', '0080', '00c0 affiliationChanged'] });
const service = 'service-1';

async function startedJob(
  content: string | Buffer,
  request: Partial<JobRequest & { issuer: string }> = {},
  finds: FindCertificates = async () => [],
  findBaseline: FindBaseline = async () => 'ppid-unknown',
) {
  const bytes = Buffer.from(content as string);
  // Small files arrive in pieces that cut through lines and line ends.
  const files = memoryJobFiles(bytes.length < 1000 ? 7 : 4096);
  const dependencies = { store: memoryJobStore(), files, runner: memoryRunner(), now };
  const asked = {
    format: 'csv',
    compression: 'none',
    by: 'serial',
    rows: 'all',
    uploadBytes: bytes.length,
    ...request,
  } as const;
  await createJob(service, 'job-1', asked, profile, dependencies);
  dependencies.files.objects.set(jobFiles.upload('job-1'), bytes);
  await startJob(service, 'job-1', dependencies);
  const quota = memoryCheckQuota();
  const plan = async (more: Partial<PlanDependencies> = {}) => {
    const { manifestKey } = await planJob('job-1', {
      ...dependencies,
      lists,
      profile,
      quota,
      identifiersPerDay: 1_000_000,
      ...more,
    });
    return JSON.parse(dependencies.files.objects.get(manifestKey)!.toString()) as JobChunk[];
  };
  const lines: object[] = [];
  const worker = { recent: new RecentSerials(), log: (line: object) => void lines.push(line) };
  const check = (chunk: JobChunk, attempt: string, files = dependencies.files) =>
    checkChunk('job-1', chunk, {
      ...dependencies,
      files,
      lists,
      findCertificates: finds,
      findBaseline,
      ...withoutResponders,
      ...worker,
      attempt,
      now,
    });
  const finish = (failed = false) => finishJob('job-1', failed, dependencies);
  const view = () => getJob(service, 'job-1', dependencies);
  const file = (kind: 'result' | 'malformed') =>
    dependencies.files.objects.get(jobFiles[kind]('job-1'))!;
  return { ...dependencies, ...worker, quota, lines, plan, check, finish, view, file };
}

async function completed(...given: Parameters<typeof startedJob>) {
  const job = await startedJob(...given);
  for (const chunk of await job.plan()) await job.check(chunk, 'only');
  await job.finish();
  return { ...job, job: (await job.view()).job };
}

describe('a whole job', () => {
  it('answers every row once, in order, and counts each in exactly one total', async () => {
    const { job, file } = await completed(
      'serial,issuer\r\n0a,auth-2023\r\n0B,\r\n\r\nzz,auth-2023\r\n80,auth-2023\r\n0a,nobody\r\n',
      { issuer: 'auth-2023' },
    );
    expect(job).toMatchObject({
      state: 'completed',
      finishedAt: now,
      totals: { rows: 5, good: 1, revoked: 2, unknown: 0, malformed: 2 },
    });
    expect(file('result').toString()).toBe(
      [
        'line,serial,status,reason,revokedAt',
        '2,0a,good,,',
        '3,0B,revoked,keyCompromise,2026-05-30T03:00:00Z',
        '6,80,revoked,keyCompromise,2026-05-30T03:00:00Z',
        '',
      ].join('\n'),
    );
    for (const [, code] of file('malformed')
      .toString()
      .matchAll(/,([a-z-]+)$/gm))
      globalThis.codeEmitted?.(code!);
    expect(file('malformed').toString()).toBe('line,code\n5,serial-malformed\n7,issuer-unknown\n');
  });

  it('names serials that a spreadsheet has rounded, and what to do', async () => {
    const content = 'serial\n0a\n1.23E+15\n####\n0a"\n1.23457E+15\nzz\n';
    const { job, file } = await completed(content, { issuer: 'auth-2023' });
    expect(job.totals).toMatchObject({ rows: 6, good: 1, malformed: 5 });
    expect(job.malformed).toEqual([
      { code: 'serial-rounded', rows: 3, firstLine: 3 },
      { code: 'row-malformed', rows: 1, firstLine: 5 },
      { code: 'serial-malformed', rows: 1, firstLine: 7 },
    ]);
    const text = file('malformed').toString();
    for (const [, code] of text.matchAll(/,(serial-[a-z]+)$/gm)) globalThis.codeEmitted?.(code!);
    expect(text.split('\n').slice(1, 3)).toEqual(['3,serial-rounded', '4,serial-rounded']);
    const sound = await completed('serial\n0a\n', { issuer: 'auth-2023' });
    expect(sound.job).not.toHaveProperty('malformed');
  });

  it('says what to do about a file that is no text of rows', async () => {
    const { job } = await completed('<!DOCTYPE html>\n<p>503</p>\n', { issuer: 'auth-2023' });
    expect(job).toMatchObject({
      state: 'failed',
      failure: 'upload-format-wrong',
      failureDetail: expect.stringMatching(/^download the file again/),
    });
  });

  it('names only the rows that are not good where that is asked', async () => {
    const { job, file } = await completed('0a\n0b\n', { issuer: 'auth-2023', rows: 'not-good' });
    expect(job.totals).toMatchObject({ rows: 2, good: 1, revoked: 1 });
    expect(file('result').toString().split('\n')).toHaveLength(3);
  });

  it('names malformed rows among those that are not good, in the order of the file', async () => {
    const content = 'serial,issuer\n0a",\n0a,\n0a,nobody\n0b,\n-,\n';
    const { job, file } = await completed(content, { issuer: 'auth-2023', rows: 'not-good' });
    expect(job.totals).toMatchObject({ rows: 5, good: 1, revoked: 1, malformed: 3 });
    expect(file('result').toString()).toBe(
      [
        'line,serial,status,reason,revokedAt',
        '2,,malformed,row-malformed,',
        '4,,malformed,issuer-unknown,',
        '5,0b,revoked,keyCompromise,2026-05-30T03:00:00Z',
        '6,,malformed,serial-malformed,',
        '',
      ].join('\n'),
    );
  });

  it('takes gzip and gives gzip', async () => {
    const content = gzipSync('{"serial":"0a","issuer":"auth-2023"}\n{"serial":"0b"}\n');
    const { job, file } = await completed(content, { format: 'ndjson', compression: 'gzip' });
    expect(job.totals).toMatchObject({ rows: 2, good: 1, malformed: 1 });
    expect(gunzipSync(file('result')).toString()).toBe(
      '{"line":1,"serial":"0a","status":"good"}\n',
    );
    expect(gunzipSync(file('malformed')).toString()).toBe('{"line":2,"code":"issuer-missing"}\n');
  });

  it('is unknown where no list of the issuer is loaded', async () => {
    const { job, file } = await completed('0a\n', { issuer: 'sign-2023' });
    expect(job.totals).toMatchObject({ unknown: 1 });
    expect(file('result').toString()).toContain('1,0a,unknown,no-applicable-crl,\n');
  });

  it('keeps nothing of the upload once it is done', async () => {
    const { files } = await completed('0a\n', { issuer: 'auth-2023' });
    expect([...files.objects.keys()]).toEqual(['results/job-1/result', 'results/job-1/malformed']);
  });

  it('has two empty results for a file of malformed rows and one of header only is refused', async () => {
    const { job, file } = await completed('serial\nzz1\n', { issuer: 'auth-2023' });
    expect(job.totals).toMatchObject({ rows: 1, malformed: 1 });
    expect(file('result').toString()).toBe(
      'no row could be read: all 1 are malformed\nline,serial,status,reason,revokedAt\n',
    );
    const json = await completed('0a\n', { format: 'ndjson', issuer: 'auth-2023' });
    expect(json.file('result').toString()).toBe(
      '{"warning":"no row could be read: all 1 are malformed"}\n',
    );
    const empty = await completed('serial\n');
    expect(empty.job).toMatchObject({ state: 'failed', failure: 'upload-empty' });
  });
});

const ask = (content: string, serialFormat?: 'hex' | 'decimal') =>
  completed(content, { issuer: 'auth-2023', ...(serialFormat && { serialFormat }) });

describe('what is deleted stays deleted', () => {
  it('also what a worker writes behind the deletion', async () => {
    const job = await startedJob('0a\n-\n', { issuer: 'auth-2023' });
    const [chunk] = await job.plan();
    const slow: typeof job.files = {
      ...job.files,
      async write(...given) {
        if (job.runner.stopped.length === 0) await cancelJob(service, 'job-1', job);
        await job.files.write(...given);
      },
    };
    await job.check(chunk!, 'late', slow);
    expect([...job.files.objects.keys()]).toEqual([]);
  });

  it('also results that are joined behind it', async () => {
    const job = await startedJob('0a\n', { issuer: 'auth-2023' });
    for (const chunk of await job.plan()) await job.check(chunk, 'only');
    const late: typeof job.files = {
      ...job.files,
      async join(...given) {
        if (job.runner.stopped.length === 0) await cancelJob(service, 'job-1', job);
        return job.files.join(given[0], given[1], [], given[3]);
      },
    };
    await finishJob('job-1', false, { ...job, files: late, now });
    expect([...job.files.objects.keys()]).toEqual([]);
  });

  it('also parts of attempts that did not count', async () => {
    const job = await startedJob('0a\n', { issuer: 'auth-2023' });
    for (const chunk of await job.plan()) await job.check(chunk, 'only');
    await job.files.write(jobFiles.part('job-1', 0, 'died', 'result'), '1,0a,good,,', 'none');
    await job.finish();
    expect([...job.files.objects.keys()]).toEqual([
      'results/job-1/result',
      'results/job-1/malformed',
    ]);
  });
});

describe('an upload that is changed behind the plan', () => {
  it.each([
    [
      'replaced',
      (objects: Map<string, Buffer>, key: string) => objects.set(key, Buffer.from('0b\n')),
    ],
    ['removed', (objects: Map<string, Buffer>, key: string) => objects.delete(key)],
  ])('and was %s, fails the job by a code of its own', async (_, change) => {
    const job = await startedJob('0a\n', { issuer: 'auth-2023' });
    const [chunk] = await job.plan();
    change(job.files.objects, jobFiles.upload('job-1'));
    await job.check(chunk!, 'only');
    await job.finish();
    expect((await job.view()).job).toMatchObject({
      state: 'failed',
      failure: 'upload-changed',
      finishedAt: now,
    });
    expect([...job.files.objects.keys()]).toEqual([]);
  });
});

it('refuses a file whose first line does not end within the limit', async () => {
  const { job } = await completed('s'.repeat(2 * jobLimits.lineBytes));
  expect(job).toMatchObject({ state: 'failed', failure: 'upload-line-too-long' });
});

it('refuses a file that unpacks to far more than rows do', async () => {
  const bomb = gzipSync(Buffer.concat([Buffer.from('serial\n'), Buffer.alloc(40e6, 0x0a)]));
  const { job } = await completed(bomb, { compression: 'gzip', issuer: 'auth-2023' });
  expect(job).toMatchObject({ state: 'failed', failure: 'upload-expands-too-far' });
});

describe('a quoted field that runs over lines', () => {
  it.each<[string, string | Buffer]>([
    ['with a good serial as its middle line', 'serial,name\n0c,"A\n0a\nB"\n0d,C\n'],
    ['with CRs alone', 'serial,name\r0c,"A\r0a\rB"\r'],
    ['in a packed file', gzipSync('serial,name\n0c,"A\n0a\nB"\n')],
    ['in the header', '"serial\nnumber",name\n0a,A\n'],
    ['in a first line that is a row', '"0c\n0a"\n'],
    ['behind a blank', 'serial,name\n0c, "A\n0a\nB"\n'],
    ['behind a quote that nobody doubled', 'serial,name\n0c,"A "B" "\n0a\n"\n'],
    ['behind a field with a stray quote', 'serial,size,name\n0c,5",",\n0a\n"\n'],
    ['and has no end', 'serial,name\n0a,A\n0c,"B'],
  ])('refuses the file: %s', async (_which, content) => {
    const compression = typeof content === 'string' ? 'none' : 'gzip';
    const { job, files } = await completed(content, { compression, issuer: 'auth-2023' });
    expect(job).toMatchObject({ state: 'failed', failure: 'upload-quote-open' });
    expect([...files.objects.keys()]).toEqual([]);
  });

  it.each([
    ['every field quoted', '"serial","name"\r\n"0a","A, ""B"""\r\n"0b",""\r\n', 0],
    ['a quote in a field that is not quoted', 'serial,size\n0a,5\n0b,\n0a,5" wide\n', 1],
  ])('and no other: %s', async (_which, content, malformed) => {
    const { job } = await completed(content, { issuer: 'auth-2023' });
    expect(job.totals).toMatchObject({ good: 1, revoked: 1, malformed });
  });

  it('is no concern of NDJSON', async () => {
    const content = '{"serial":"0a"}\n"\n';
    const { job } = await completed(content, { format: 'ndjson', issuer: 'auth-2023' });
    expect(job.totals).toMatchObject({ rows: 2, good: 1, malformed: 1 });
  });
});

describe('serials that may be decimal', () => {
  // 0x0b is revoked; in decimal it is written 11.
  const decimal = Array.from({ length: 10 }, (_, n) => `${n + 2}`).join('\n');

  it('are refused where ten contain no letter and serialFormat is absent', async () => {
    const { job, files } = await ask(decimal);
    expect(job).toMatchObject({ state: 'failed', failure: 'upload-serials-ambiguous' });
    expect([...files.objects.keys()]).toEqual([]);
  });

  it('are answered as what they are said to be', async () => {
    expect((await ask(decimal, 'hex')).job.totals).toMatchObject({ good: 10, revoked: 0 });
    const { job, file } = await ask(decimal, 'decimal');
    expect(job.totals).toMatchObject({ good: 9, revoked: 1 });
    expect(file('result').toString()).toContain('\n10,11,revoked,');
  });

  it('are hex where any of them shows it, or they are few', async () => {
    expect((await ask(`${decimal}\nab`)).job.totals).toMatchObject({ good: 11 });
    expect((await ask(`${decimal}\n20:00`)).job.totals).toMatchObject({ good: 11 });
    expect((await ask('2\n3\n2\n3\n2\n3\n2\n3\n2\n3')).job.totals).toMatchObject({ good: 10 });
  });
});

const ppid = (letter: string) => letter.repeat(32);
const reference = (serial: string, issuer = 'auth-2023') => ({
  issuerKeyId: keyIdOf(issuer),
  serial: Buffer.from(serial, 'hex'),
});

describe('a job by PPID', () => {
  const held: Record<string, ReturnType<typeof reference>[]> = {
    [ppid('a')]: [reference('0a')],
    [ppid('b')]: [reference('0b')],
    [ppid('c')]: [reference('0b'), reference('0a')],
    [ppid('d')]: [reference('0b'), reference('0a', 'sign-2023')],
  };

  it('derives a person’s status from all of the person’s certificates', async () => {
    const asked: string[] = [];
    const { job, file } = await completed(
      ['a', 'b', 'c', 'd', 'e'].map(ppid).join('\n'),
      { by: 'ppid' },
      async (serviceId, one) => {
        asked.push(serviceId);
        return held[one] ?? [];
      },
    );
    expect(new Set(asked)).toEqual(new Set([service]));
    expect(job.totals).toMatchObject({ rows: 5, good: 2, revoked: 1, unknown: 2 });
    const rows = file('result').toString().split('\n').slice(1, -1);
    expect(rows.map((row) => row.split(',').slice(2, 4).join(' '))).toEqual([
      'good ',
      'revoked keyCompromise',
      'good ',
      'unknown no-applicable-crl',
      'unknown ppid-unknown',
    ]);
  });
});

describe('a job that asks for attributes', () => {
  const baselines: Record<string, Awaited<ReturnType<FindBaseline>>> = {
    [ppid('a')]: { certificate: reference('0a'), reason: undefined },
    [ppid('b')]: { certificate: reference('00c0'), reason: undefined },
    [ppid('c')]: { certificate: reference('0b'), reason: undefined },
    [ppid('d')]: { certificate: reference('0a'), reason: 'signature-certificate-expired' },
    [ppid('e')]: { certificate: undefined, reason: 'signature-certificate-not-issued' },
    [ppid('f')]: { certificate: reference('0a', 'sign-2023'), reason: undefined },
    [ppid('g')]: {
      certificate: reference('00c0'),
      reason: 'signature-certificate-renewed',
    },
  };
  const find: FindBaseline = async (_, one) => baselines[one] ?? 'ppid-unknown';
  const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const asked = (request: object) =>
    completed(
      [...letters.map(ppid), 'not a ppid'].join('\n'),
      { by: 'ppid', ask: 'attributes', ...request },
      undefined,
      find,
    );
  const list = new Date(auth.thisUpdate).toISOString().replace('.000Z', 'Z');
  const changed = `${new Date(revokedAt).toISOString().slice(0, 10)}T00:00:00Z`;

  it('answers unchanged, changed, or unknown with the reason, and names the time of the list', async () => {
    const { job, file } = await asked({});
    expect(job.totals).toEqual({ rows: 9, good: 1, revoked: 2, unknown: 5, malformed: 1 });
    expect(file('result').toString().split('\n').slice(0, -1)).toEqual([
      'line,ppid,status,reason,changedAt,sourceAt',
      `1,${ppid('a')},unchanged,,,${list}`,
      `2,${ppid('b')},changed,,${changed},${list}`,
      `3,${ppid('c')},unknown,signature-certificate-revoked: keyCompromise,,${list}`,
      `4,${ppid('d')},unknown,signature-certificate-expired,,${list}`,
      `5,${ppid('e')},unknown,signature-certificate-not-issued,,`,
      `6,${ppid('f')},unknown,no-applicable-crl,,`,
      `7,${ppid('g')},changed,,${changed},${list}`,
      `8,${ppid('h')},unknown,ppid-unknown,,`,
    ]);
  });

  it('leaves out what is unchanged where the rest is asked for, and keeps the columns', async () => {
    const { file } = await asked({ rows: 'not-good' });
    const rows = file('result').toString().split('\n').slice(0, -1);
    expect(rows).toHaveLength(9);
    expect(rows.at(-1)).toBe('9,,malformed,ppid-malformed,,');
    expect(new Set(rows.map((row) => row.split(',').length))).toEqual(new Set([6]));
  });

  it('answers in NDJSON as asked in NDJSON', async () => {
    const { file } = await completed(
      JSON.stringify({ ppid: ppid('b') }),
      { by: 'ppid', ask: 'attributes', format: 'ndjson' },
      undefined,
      find,
    );
    expect(JSON.parse(file('result').toString())).toEqual({
      line: 1,
      ppid: ppid('b'),
      status: 'changed',
      changedAt: changed,
      sourceAt: list,
    });
  });
});

/** 250,000 rows, three chunks; every tenth row malformed, serial 0b revoked. */
const manyRows = Array.from({ length: 250_000 }, (_, i) =>
  i % 10 === 9 ? 'zz1' : i % 7 === 0 ? '0b' : '0a',
).join('\n');
const manyTotals = { rows: 250_000, malformed: 25_000, revoked: 32_144, good: 192_856, unknown: 0 };

describe('workers that die', () => {
  it('loses and doubles nothing when every chunk dies once at each of its writes', async () => {
    const job = await startedJob(manyRows, { issuer: 'auth-2023' });
    const chunks = await job.plan();
    expect(chunks).toHaveLength(3);
    for (const chunk of chunks) {
      // Dies at its first write, then at its second, then in the answer to Step Functions.
      for (const writes of [0, 1, Infinity]) {
        const files = dyingAfter(writes, job.files);
        await job.check(chunk, `attempt-${writes}`, files).catch(() => {});
      }
      await job.check(chunk, 'late');
    }
    await job.finish();
    expect((await job.view()).job).toMatchObject({ state: 'completed', totals: manyTotals });
    const lines = (kind: 'result' | 'malformed') =>
      job
        .file(kind)
        .toString()
        .split('\n')
        .slice(1, -1)
        .map((row) => Number(row.split(',')[0]));
    const all = [...lines('result'), ...lines('malformed')].sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 250_000 }, (_, i) => i + 1));
  });

  it('counts one of two workers that answer the same chunk at once', async () => {
    const job = await startedJob(manyRows, { issuer: 'auth-2023' });
    const chunks = await job.plan();
    await Promise.all(chunks.flatMap((chunk) => [job.check(chunk, 'a'), job.check(chunk, 'b')]));
    await job.finish();
    expect((await job.view()).job.totals).toEqual(manyTotals);
  });

  it('can be planned and finished again by a second worker', async () => {
    const job = await startedJob(manyRows, { issuer: 'auth-2023' });
    await job.plan();
    const chunks = await job.plan();
    for (const chunk of chunks) await job.check(chunk, 'only');
    await job.finish();
    await job.finish();
    expect((await job.view()).job.totals).toEqual(manyTotals);
  });

  it('never calls a job complete that lacks a chunk', async () => {
    const job = await startedJob(manyRows, { issuer: 'auth-2023' });
    const [first] = await job.plan();
    await job.check(first!, 'only');
    await expect(job.finish()).rejects.toMatchObject({ code: 'internal-error' });
    await job.finish(true);
    expect((await job.view()).job).toMatchObject({ state: 'failed', failure: 'internal-error' });
  });

  it('answers from the lists that were pinned, whatever is loaded meanwhile', async () => {
    const job = await startedJob('0a\n', { issuer: 'auth-2023' });
    const [chunk] = await job.plan();
    const asked: string[] = [];
    const newer: ChunkDependencies['lists'] = {
      async lookupPacked({ generationId }, { count }) {
        asked.push(generationId);
        return notListed(count);
      },
    };
    await checkChunk('job-1', chunk!, {
      ...job,
      lists: newer,
      findCertificates: async () => [],
      findBaseline: async () => 'ppid-unknown',
      ...withoutResponders,
      attempt: 'a',
    });
    expect(asked).toEqual(['auth-2023-1']);
  });
});

/** Files that fail for ever after so many writes, as a killed process does. */
function dyingAfter(writes: number, files: Awaited<ReturnType<typeof startedJob>>['files']) {
  let left = writes;
  return {
    ...files,
    async write(...given: Parameters<typeof files.write>) {
      if (left-- <= 0) throw new Error('killed');
      await files.write(...given);
    },
  };
}

const rowsFrom = (count: number, step: number): string =>
  Array.from({ length: count }, (_, n) => `${(0xa000_0000 + n * step).toString(16)}\n`).join('');

describe('what a job by serial asks is counted and watched as a bulk check is', () => {
  const asked = { issuer: 'auth-2023', serialFormat: 'hex' } as const;

  it('counts every line after the header on the day of its service', async () => {
    const job = await startedJob('serial\n0a\n\n0b\n0b\nzz\n', asked);
    const [chunk] = await job.plan({ identifiersPerDay: 5 });
    expect(chunk).toBeDefined();
    expect((await job.view()).job.state).toBe('checking');
    expect(await job.quota.take(service, '2026-06-01', 1, 5)).toBe(false);
  });

  it('fails and checks nothing where the day holds fewer; what it asked is not counted', async () => {
    const job = await startedJob('serial\n0a\n0b\n0c\n', asked);
    expect(await job.plan({ identifiersPerDay: 2 })).toEqual([]);
    await job.finish();
    expect((await job.view()).job).toMatchObject({
      state: 'failed',
      failure: 'identifiers-quota-exceeded',
      failureDetail: expect.stringMatching(
        /^wait for midnight UTC, .* the 3 of .* 2 serials a day/,
      ),
    });
    expect(await job.quota.take(service, '2026-06-01', 2, 2)).toBe(true);
  });

  it('has no more left than bulk checks of the day have left it', async () => {
    const job = await startedJob('serial\n0a\n0b\n0c\n', asked);
    await job.quota.take(service, '2026-06-01', 3, 5);
    expect(await job.plan({ identifiersPerDay: 5 })).toEqual([]);
  });

  it('has what the operator set for its service, larger or smaller than for others', async () => {
    const rows = 'serial\n0a\n0b\n0c\n';
    const more = await startedJob(rows, { ...asked, identifiersPerDay: 3 });
    expect(await more.plan({ identifiersPerDay: 2 })).toHaveLength(1);
    const fewer = await startedJob(rows, { ...asked, identifiersPerDay: 2 });
    expect(await fewer.plan({ identifiersPerDay: 3 })).toEqual([]);
  });

  it('is counted once, however often its planning is interrupted', async () => {
    const job = await startedJob('serial\n0a\n0b\n0c\n', asked);
    const dying = { identifiersPerDay: 5, files: dyingAfter(0, job.files) };
    await expect(job.plan(dying)).rejects.toThrow('killed');
    await expect(job.plan(dying)).rejects.toThrow('killed');
    expect(await job.plan({ identifiersPerDay: 5 })).toHaveLength(1);
  });

  it('is not counted by PPID: these are the service’s own', async () => {
    const job = await startedJob(`ppid\n${'a'.repeat(32)}\n`, { by: 'ppid' });
    expect(await job.plan({ identifiersPerDay: 0 })).toHaveLength(1);
  });

  it.each([
    ['one after the other', rowsFrom(100, 1), 99],
    ['in steps of sixteen', rowsFrom(100, 16), 99],
    ['of a register, whose serials lie apart', rowsFrom(1_000, 17), undefined],
  ])('leaves a line without serials about rows %s', async (_, rows, closeSerials) => {
    const { lines } = await completed(`serial\n${rows}`, asked);
    const line = { event: 'dense-questioning', requestId: 'only', jobId: 'job-1' };
    expect(lines).toEqual(
      closeSerials === undefined
        ? []
        : [{ ...line, serviceId: service, dense: true, closeSerials }],
    );
  });

  it('is noticed across small jobs, too', async () => {
    const recent = new RecentSerials();
    const lines: object[] = [];
    for (let n = 0; n < 2; n++) {
      const job = await startedJob(
        `serial\n${rowsFrom(120, 1).slice(n * 540, n * 540 + 540)}`,
        asked,
      );
      for (const chunk of await job.plan())
        await checkChunk('job-1', chunk, {
          ...job,
          lists,
          findCertificates: async () => [],
          findBaseline: async () => 'ppid-unknown',
          ...withoutResponders,
          recent,
          log: (line) => void lines.push(line),
          attempt: 'a',
        });
      expect(lines).toHaveLength(n);
    }
  });
});
