import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { hash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { S3Store } from '../../../sandbox/cloud/s3/s3-store.ts';
import { type S3, startS3 } from '../../../sandbox/cloud/start-s3.ts';

let s3: S3;
let client: S3Client;
let now = Date.now();
const created: string[] = [];
const dataDir = mkdtempSync(join(tmpdir(), 's3-'));
const Bucket = 'drops';

beforeAll(async () => {
  s3 = await startS3({
    dataDir,
    now: () => now,
    onObjectCreated: (bucket, object, by) => created.push(`${by} ${bucket}/${object.key}`),
  });
  s3.store.createBucket(Bucket);
  client = new S3Client({
    endpoint: s3.endpoint,
    region: 'ap-northeast-1',
    credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await s3.close();
  rmSync(dataDir, { recursive: true });
});

const contentOf = async (Key: string, Range?: string): Promise<Buffer> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

describe('buckets', () => {
  it('are listed with the day they were made, which command lines print', async () => {
    const { Buckets } = await client.send(new ListBucketsCommand());
    expect(Buckets).toEqual([{ Name: Bucket, CreationDate: expect.any(Date) }]);
  });
});

describe('objects', () => {
  it('come back as they were put, with their headers, and are announced', async () => {
    const Body = randomBytes(100_000);
    const Key = 'drops/第一 list+1.crl';
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body,
        ContentType: 'application/pkix-crl',
        Metadata: { from: 'test' },
      }),
    );
    expect(await contentOf(Key)).toEqual(Body);
    expect(await client.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({
      ContentLength: 100_000,
      ContentType: 'application/pkix-crl',
      Metadata: { from: 'test' },
    });
    expect(created).toContain(`Put drops/${Key}`);
  });

  it('of 20 MB, streamed in aws-chunked framing, come back whole and in ranges', async () => {
    const content = randomBytes(20_000_000);
    const Key = 'big';
    await client.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: Readable.from(
          (function* () {
            for (let at = 0; at < content.length; at += 70_001)
              yield content.subarray(at, at + 70_001);
          })(),
        ),
        ContentLength: content.length,
      }),
    );
    expect((await contentOf(Key)).equals(content)).toBe(true);
    expect(await contentOf(Key, 'bytes=10-19')).toEqual(content.subarray(10, 20));
    expect(await contentOf(Key, 'bytes=-5')).toEqual(content.subarray(-5));
    await expect(contentOf(Key, 'bytes=20000000-')).rejects.toMatchObject({ name: 'InvalidRange' });
  });

  it('whose checksum does not match are refused and leave nothing', async () => {
    await expect(
      client.send(
        new PutObjectCommand({ Bucket, Key: 'bad', Body: 'abc', ChecksumCRC32: 'AAAAAA==' }),
      ),
    ).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(contentOf('bad')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('are not overwritten under If-None-Match', async () => {
    const put = new PutObjectCommand({ Bucket, Key: 'once', Body: 'first', IfNoneMatch: '*' });
    await client.send(put);
    await expect(client.send(put)).rejects.toMatchObject({ name: 'PreconditionFailed' });
  });

  it('go by the hundred, unnamed ones without complaint', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'gone&<away>', Body: 'x' }));
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'gone&<away>' }, { Key: 'never' }] },
      }),
    );
    expect(Deleted).toHaveLength(2);
    await expect(contentOf('gone&<away>')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('of a bucket that does not exist are refused by that name', async () => {
    await expect(
      client.send(new GetObjectCommand({ Bucket: 'other', Key: 'a' })),
    ).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});

describe('multipart uploads', () => {
  it('become one object in the order of the parts', async () => {
    const Key = 'joined';
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const Parts = [];
    for (const [PartNumber, Body] of [
      [2, 'second'],
      [1, 'first-'],
    ] as const) {
      const { ETag } = await client.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }),
      );
      Parts.unshift({ PartNumber, ETag });
    }
    await client.send(
      new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }),
    );
    expect((await contentOf(Key)).toString()).toBe('first-second');
    expect(created).toContain('CompleteMultipartUpload drops/joined');
  });
});

describe('listing', () => {
  it('pages in key order and rolls up at the delimiter', async () => {
    for (const Key of ['l/b/2', 'l/a', 'l/b/1', 'l/c', 'l/d/1'])
      await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    const seen: string[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({
          Bucket,
          Prefix: 'l/',
          Delimiter: '/',
          MaxKeys: 2,
          ContinuationToken,
        }),
      );
      for (const { Key } of page.Contents ?? []) seen.push(Key ?? '');
      for (const { Prefix } of page.CommonPrefixes ?? []) seen.push(Prefix ?? '');
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen).toEqual(['l/a', 'l/b/', 'l/c', 'l/d/']);
  });
});

describe('presigned URLs', () => {
  it('take an upload until they expire by the sandbox clock', async () => {
    const url = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'signed' }), {
      expiresIn: 60,
    });
    expect((await fetch(url, { method: 'PUT', body: 'uploaded' })).status).toBe(200);
    expect((await contentOf('signed')).toString()).toBe('uploaded');
    now += 120_000;
    expect((await fetch(url, { method: 'PUT', body: 'late' })).status).toBe(403);
    now -= 120_000;
  });
});

describe('a restart on the same folder', () => {
  it('finds the objects again', async () => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'kept' }));
    const again = await startS3({ dataDir });
    const answer = await fetch(`${again.endpoint}/${Bucket}/kept`);
    expect(await answer.text()).toBe('kept');
    await again.close();
  });
});

describe('a store that is opened again', () => {
  it('has its objects, also in a folder that was moved, and no file of none', async () => {
    const folder = mkdtempSync(join(tmpdir(), 's3-again-'));
    const before = new S3Store(join(folder, 'was'), () => now);
    before.createBucket(Bucket);
    await before.put(Bucket, 'kept', Readable.from([Buffer.from('one')]), {});
    await before.put(Bucket, 'cut', Readable.from([Buffer.from('two')]), {});
    // A part of an upload that is never completed, a write that was cut off, metadata cut short.
    const upload = before.startUpload(Bucket, 'parts', {});
    await before.putPart(upload, 1, Readable.from([Buffer.from('part')]), () => new Map());
    const cut = join(folder, 'was', Bucket, `${hash('sha256', 'cut')}.json`);
    writeFileSync(cut, '{"key":"cu');
    writeFileSync(`${cut}.new`, '');
    renameSync(join(folder, 'was'), join(folder, 'is'));
    const after = new S3Store(join(folder, 'is'), () => now);
    expect([...after.bucket(Bucket).keys()]).toEqual(['kept']);
    expect((await after.read(after.get(Bucket, 'kept')).toArray()).join('')).toBe('one');
    // The part, the object "two" with its metadata, and the write beside it.
    expect(after.swept).toBe(4);
    expect(readdirSync(join(folder, 'is', Bucket))).toHaveLength(2);
    rmSync(folder, { recursive: true });
  });
});
