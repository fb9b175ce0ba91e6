import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CreateBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import { gunzipSync, gzipSync } from 'node:zlib';
import { dynamoJobStore } from '../../../lambdas/platform/adapters/dynamodb/job-store.ts';
import { s3JobFiles } from '../../../lambdas/platform/adapters/s3/job-files.ts';
import { s3Client } from '../../../lambdas/platform/adapters/s3/s3-client.ts';
import type { Job } from '../../../lambdas/capabilities/jobs/job.ts';
import type { JobFiles, JobShare, JobStore } from '../../../lambdas/capabilities/jobs/ports.ts';
import { startDynamoDb, type DynamoDb } from '../../../sandbox/cloud/start-dynamodb.ts';
import { startS3, type S3 } from '../../../sandbox/cloud/start-s3.ts';
import { memoryJobStore } from '../../capabilities/jobs/memory-jobs.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
let dynamoDb: DynamoDb;
let s3: S3;
let files: JobFiles;
let dynamoStore: JobStore;

beforeAll(async () => {
  [dynamoDb, s3] = await Promise.all([startDynamoDb({ heapMb: 256 }), startS3()]);
  const client = new DynamoDBClient({
    endpoint: dynamoDb.endpoint,
    region: 'ap-northeast-1',
    credentials,
  });
  await client.send(
    new CreateTableCommand({
      TableName: 'jobs',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  const marshallOptions = { removeUndefinedValues: true };
  dynamoStore = dynamoJobStore(DynamoDBDocumentClient.from(client, { marshallOptions }), 'jobs');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: 'ap-northeast-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
  const bucket = s3Client();
  await bucket.send(new CreateBucketCommand({ Bucket: 'jobs' }));
  files = s3JobFiles(bucket, 'jobs');
}, 30_000);

afterAll(async () => {
  await Promise.all([dynamoDb.close(), s3.close()]);
});

let jobs = 0;
const newJob = (): Job => ({
  jobId: `job-${++jobs}`,
  owner: 'service-1',
  state: 'awaiting-upload',
  format: 'csv',
  compression: 'none',
  by: 'serial',
  rows: 'all',
  uploadBytes: 3,
  createdAt: 1_780_000_000_123,
  expiresAt: 1_780_000_600_456,
});
const totals = { rows: 3, good: 1, revoked: 1, unknown: 0, malformed: 1 };

describe.each<[string, () => JobStore]>([
  ['DynamoDB', () => dynamoStore],
  ['memory', memoryJobStore],
])('the store of jobs: %s', (_, open) => {
  it('gives a job back as it was', async () => {
    const store = open();
    const job = newJob();
    await store.create(job);
    expect(await store.find(job.jobId)).toEqual(job);
    expect(await store.find('job-none')).toBeUndefined();
  });

  it('never gives an id twice', async () => {
    const store = open();
    const job = newJob();
    await store.create(job);
    expect(await store.create({ ...job, owner: 'service-2' })).toBe('stood');
    expect((await store.find(job.jobId))?.owner).toBe('service-1');
  });

  it('changes a job only from the states that were named', async () => {
    const store = open();
    const job = newJob();
    await store.create(job);
    const pinned = { checkedAt: 5, issuers: [] };
    const change = { state: 'checking', chunks: 2, pinned } as const;
    expect(await store.change(job.jobId, ['planning'], change)).toBeUndefined();
    const changed = { ...job, ...change };
    expect(await store.change(job.jobId, ['awaiting-upload', 'planning'], change)).toEqual(changed);
    expect(await store.find(job.jobId)).toEqual(changed);
    expect(await store.change('job-none', ['planning'], change)).toBeUndefined();
  });

  it('stores the first outcome of a chunk and returns it to the second', async () => {
    const store = open();
    const job = newJob();
    await store.create(job);
    const first = { index: 10, totals, resultKey: 'a' };
    expect(await store.keepOutcome(job, first)).toEqual(first);
    expect(await store.keepOutcome(job, { index: 10, totals, resultKey: 'b' })).toEqual(first);
    expect(await store.findOutcome(job.jobId, 10)).toEqual(first);
    expect(await store.findOutcome(job.jobId, 1)).toBeUndefined();
  });

  it('lists outcomes in the order of the file', async () => {
    const store = open();
    const job = newJob();
    await store.create(job);
    for (const index of [100, 9, 10, 0]) await store.keepOutcome(job, { index, totals });
    const outcomes = await store.outcomes(job.jobId);
    expect(outcomes.map(({ index }) => index)).toEqual([0, 9, 10, 100]);
  });

  it('removes a job with all its outcomes', async () => {
    const store = open();
    const job = newJob();
    await store.create(job);
    for (let index = 0; index < 30; index += 1) await store.keepOutcome(job, { index, totals });
    await store.remove(job.jobId);
    expect(await store.find(job.jobId)).toBeUndefined();
    expect(await store.outcomes(job.jobId)).toEqual([]);
    await store.remove(job.jobId);
  });
});

const limits = { activeJobs: 2, keptJobs: 3, storedBytes: 100 };
const share = (owner: string, jobId: string, more: Partial<JobShare> = {}): JobShare => ({
  owner,
  jobId,
  bytes: 10,
  active: true,
  until: 1000,
  ...more,
});

describe.each<[string, () => JobStore]>([
  ['DynamoDB', () => dynamoStore],
  ['memory', memoryJobStore],
])('the shares of services: %s', (name, open) => {
  it('are bounded in active jobs, jobs and bytes, one service apart from another', async () => {
    const store = open();
    const owner = `bounded-${name}`;
    const take = (jobId: string, more: Partial<JobShare> = {}, who = owner) =>
      store.takeShare(share(who, `${who}-${jobId}`, more), limits, 0);
    expect(await take('a')).toBeUndefined();
    expect(await take('a')).toBeUndefined();
    expect(await take('b', { bytes: 91 })).toBe('storedBytes');
    expect(await take('b')).toBeUndefined();
    expect(await take('c')).toBe('activeJobs');
    expect(await take('c', {}, `other-${name}`)).toBeUndefined();
    await store.changeShare(share(owner, `${owner}-a`, { active: false, bytes: 50 }));
    expect(await take('c', { bytes: 41 })).toBe('storedBytes');
    expect(await take('c', { bytes: 40 })).toBeUndefined();
    await store.giveBackShare(owner, `${owner}-b`);
    await store.giveBackShare(owner, `${owner}-b`);
    expect(await take('d', { bytes: 1 })).toBeUndefined();
    expect(await take('e', { bytes: 0, active: false })).toBe('keptJobs');
  });

  it('expire when they are not released', async () => {
    const store = open();
    const owner = `late-${name}`;
    const take = (jobId: string, now: number) =>
      store.takeShare(share(owner, `${owner}-${jobId}`, { until: now + 10 }), limits, now);
    for (const jobId of ['a', 'b']) expect(await take(jobId, 0)).toBeUndefined();
    expect(await take('c', 9)).toBe('activeJobs');
    expect(await take('c', 10)).toBeUndefined();
  });

  it('are enforced for 60 concurrent jobs of one service', async () => {
    const store = open();
    const owner = `crowd-${name}`;
    const many = { activeJobs: 10, keptJobs: 1000, storedBytes: 1e9 };
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) => store.takeShare(share(owner, `${owner}-${n}`), many, 0)),
    );
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(10);
    expect(answers.filter((answer) => answer === 'activeJobs')).toHaveLength(50);
  });
});

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('the files of jobs: S3', () => {
  it('takes an upload by a presigned URL whose length is signed', async () => {
    const { url, headers } = await files.presignUpload('uploads/a', 5, 60);
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;host;if-none-match',
    );
    expect(headers).toEqual({ 'Content-Length': '5', 'If-None-Match': '*' });
    // A checksum in the URL would be that of no bytes.
    expect([...new URL(url).searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual(
      [],
    );
    expect(await files.stat('uploads/a')).toBeUndefined();
    const put = (body: string) =>
      fetch(url, { method: 'PUT', body, headers: { 'If-None-Match': '*' } });
    expect((await put('hello')).status).toBe(200);
    expect(await files.stat('uploads/a')).toEqual({ bytes: 5, etag: expect.any(String) });
    // What is there is never replaced.
    expect((await put('other')).status).toBe(412);
    expect((await collect(files.stream('uploads/a', 'none'))).toString()).toBe('hello');
    expect(Buffer.from(await files.read('uploads/a', 1, 4)).toString()).toBe('ell');
  });

  it('gives a download by a presigned URL with a name', async () => {
    await files.write('results/a', 'rows', 'none');
    const response = await fetch(await files.presignDownload('results/a', 'job-a.csv', 60));
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="job-a.csv"');
    expect(await response.text()).toBe('rows');
  });

  it('unpacks a gzip file of several members', async () => {
    await files.write('a.gz', Buffer.concat([gzipSync('one '), gzipSync('two')]), 'none');
    expect((await collect(files.stream('a.gz', 'gzip'))).toString()).toBe('one two');
  });

  it('takes zero padding behind the last member, in pieces too', async () => {
    await files.write('padded.gz', Buffer.concat([gzipSync('one'), Buffer.alloc(200_000)]), 'none');
    expect((await collect(files.stream('padded.gz', 'gzip'))).toString()).toBe('one');
  });

  it('reads no other object than the one that was pinned', async () => {
    await files.write('pinned', 'one', 'none');
    const { etag } = (await files.stat('pinned'))!;
    expect((await collect(files.stream('pinned', 'none', etag))).toString()).toBe('one');
    expect(Buffer.from(await files.read('pinned', 0, 2, etag)).toString()).toBe('on');
    await files.write('pinned', 'two', 'none');
    const changed = { failure: 'upload-changed' };
    await expect(collect(files.stream('pinned', 'none', etag))).rejects.toMatchObject(changed);
    await expect(files.read('pinned', 0, 2, etag)).rejects.toMatchObject(changed);
    await files.remove(['pinned']);
    await expect(files.read('pinned', 0, 2, etag)).rejects.toMatchObject(changed);
  });

  it('removes everything under a prefix and nothing else', async () => {
    await Promise.all(
      ['sweep/1', 'sweep/2', 'sweeper'].map((key) => files.write(key, 'x', 'none')),
    );
    await files.removeAll(['sweep/', 'nothing/']);
    expect(await files.stat('sweep/1')).toBeUndefined();
    expect(await files.stat('sweep/2')).toBeUndefined();
    expect(await files.stat('sweeper')).toMatchObject({ bytes: 1 });
  });

  it.each([
    ['upload-compression-wrong', Buffer.concat([gzipSync('x'), Buffer.from('serial\n')])],
    ['upload-compression-wrong', Buffer.concat([gzipSync('x'), Buffer.alloc(3), gzipSync('y')])],
    ['upload-compression-wrong', Buffer.concat([gzipSync('x'), Buffer.alloc(3), Buffer.of(1)])],
    ['upload-truncated', Buffer.concat([gzipSync('x'), gzipSync('y').subarray(0, 12)])],
    ['upload-truncated', gzipSync('x'.repeat(10_000)).subarray(0, 30)],
    ['upload-compression-wrong', Buffer.from('serial\n0a\n')],
  ])('tells %s', async (failure, content) => {
    await files.write('broken', content, 'none');
    await expect(collect(files.stream('broken', 'gzip'))).rejects.toMatchObject({ failure });
  });

  it('fails as a dependency where an object is missing or shorter than asked', async () => {
    const code = 'dependency-unavailable';
    await expect(collect(files.stream('none', 'none'))).rejects.toMatchObject({ code });
    await files.write('short', 'abc', 'none');
    await expect(files.read('short', 1, 9)).rejects.toMatchObject({ code });
  });

  it.each([403, 500])('never reads a refusal (%i) as a missing upload', async (httpStatusCode) => {
    const send = async () => {
      throw Object.assign(new Error('refused'), { $metadata: { httpStatusCode } });
    };
    const refused = s3JobFiles({ send } as unknown as S3Client, 'jobs');
    await expect(refused.stat('uploads/a')).rejects.toMatchObject({
      code: 'dependency-unavailable',
    });
  });

  it('joins small parts, and parts beyond one multipart block, in order', async () => {
    await files.write('p0', 'zero\n', 'none');
    await files.write('p1', 'one\n', 'none');
    expect(await files.join('joined', 'line\n', ['p0', 'p1'], 'none')).toBe(14);
    expect((await collect(files.stream('joined', 'none'))).toString()).toBe('line\nzero\none\n');

    const big = Buffer.alloc(9 * 1024 ** 2, 'b');
    await files.write('big', big, 'none');
    const bytes = await files.join('joined', '', ['big', 'p0', 'big', 'big'], 'none');
    expect(bytes).toBe(3 * big.length + 5);
    const all = await collect(files.stream('joined', 'none'));
    expect(all.equals(Buffer.concat([big, Buffer.from('zero\n'), big, big]))).toBe(true);
  });

  it('joins gzip parts to a gzip file, and none to an empty one', async () => {
    await files.write('g0', 'zero\n', 'gzip');
    await files.join('joined.gz', 'line\n', ['g0'], 'gzip');
    const packed = await collect(files.stream('joined.gz', 'none'));
    expect(gunzipSync(packed).toString()).toBe('line\nzero\n');
    expect(await files.join('empty', '', [], 'none')).toBe(0);
  });

  it('fails as a dependency where the store names keys that it did not delete', async () => {
    const denied = { Errors: [{ Key: 'uploads/a', Code: 'AccessDenied' }] };
    const partly = s3JobFiles({ send: async () => denied } as unknown as S3Client, 'jobs');
    await expect(partly.remove(['uploads/a'])).rejects.toMatchObject({
      code: 'dependency-unavailable',
    });
  });

  it('removes what is there and what is not', async () => {
    await files.write('gone', 'x', 'none');
    await files.remove(['gone', 'never']);
    expect(await files.stat('gone')).toBeUndefined();
  });
});
