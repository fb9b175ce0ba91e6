import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip, gzip } from 'node:zlib';
import type { JobFiles } from '../../../capabilities/jobs/ports.ts';
import { JobRejected } from '../../../capabilities/jobs/job-rejected.ts';
import { isCodedError, MyKeyError } from '../../../errors.ts';
import { joinObjects } from './join-objects.ts';

/** gzip level 1 compresses such rows to a fifth, in a third of the default level's time. */
const pack = (content: Uint8Array | string) => promisify(gzip)(content, { level: 1 });

/** The jobs bucket. */
export function s3JobFiles(client: S3Client, bucket: string): JobFiles {
  const get = async (Key: string, { Range, IfMatch }: Wanted = {}) => {
    const wanted = { ...(Range && { Range }), ...(IfMatch && { IfMatch }) };
    const command = new GetObjectCommand({ Bucket: bucket, Key, ...wanted });
    const { Body, ContentLength } = await dependable(client.send(command), IfMatch !== undefined);
    return { body: Body as Readable, bytes: ContentLength ?? 0 };
  };
  const remove = async (keys: readonly string[]): Promise<void> => {
    // DeleteObjects accepts 1,000 keys.
    for (let at = 0; at < keys.length; at += 1000) {
      const Objects = keys.slice(at, at + 1000).map((Key) => ({ Key }));
      const command = new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects, Quiet: true },
      });
      const { Errors = [] } = await dependable(client.send(command));
      // DeleteObjects answers 200 and names the keys that it did not delete.
      const [failed] = Errors;
      if (failed !== undefined)
        throw unavailable(new Error(`${Errors.length} of ${Objects.length}: ${failed.Code}`));
    }
  };

  return {
    async presignUpload(Key, bytes, expiresIn) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key,
        ContentLength: bytes,
        IfNoneMatch: '*',
      });
      // Both headers are signed: S3 accepts only a body of this size, and only once.
      const signableHeaders = new Set(['host', 'content-length', 'if-none-match']);
      const url = await getSignedUrl(client, command, { expiresIn, signableHeaders });
      return { url, headers: { 'Content-Length': String(bytes), 'If-None-Match': '*' } };
    },
    presignDownload: (Key, fileName, expiresIn) =>
      getSignedUrl(
        client,
        new GetObjectCommand({
          Bucket: bucket,
          Key,
          ResponseContentDisposition: `attachment; filename="${fileName}"`,
        }),
        { expiresIn },
      ),
    async stat(Key) {
      try {
        const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
        return { bytes: head.ContentLength ?? 0, etag: head.ETag ?? '' };
      } catch (cause) {
        // A caller with ListBucket gets 404 for a missing object. A 403 means a missing permission,
        // not a missing upload.
        const status = (cause as { $metadata?: { httpStatusCode?: number } }).$metadata
          ?.httpStatusCode;
        if (status === 404) return undefined;
        throw unavailable(cause);
      }
    },
    async *stream(key, compression, IfMatch) {
      const pinned = IfMatch === undefined ? {} : { IfMatch };
      const { body, bytes } = await get(key, pinned);
      if (compression === 'none') {
        yield* dependableBytes(body);
        return;
      }
      const taken = yield* unpack(body);
      if (taken === bytes) return;
      const rest = await get(key, { ...pinned, Range: `bytes=${taken}-` });
      await refuseTrailing(dependableBytes(rest.body));
    },
    async read(key, start, end, IfMatch) {
      // An empty byte range cannot be requested (RFC 9110 §14.1.2).
      if (start === end) return new Uint8Array(0);
      const pieces: Uint8Array[] = [];
      const Range = `bytes=${start}-${end - 1}`;
      const { body } = await get(key, IfMatch === undefined ? { Range } : { Range, IfMatch });
      for await (const piece of dependableBytes(body)) {
        pieces.push(piece);
      }
      const bytes = Buffer.concat(pieces);
      if (bytes.length !== end - start) throw unavailable(new Error('the object was cut short'));
      return bytes;
    },
    async write(Key, content, compression) {
      const Body = compression === 'gzip' ? await pack(content) : content;
      await dependable(client.send(new PutObjectCommand({ Bucket: bucket, Key, Body })));
    },
    async join(key, prefix, parts, compression) {
      const head = compression === 'gzip' ? await pack(prefix) : Buffer.from(prefix);
      async function* pieces() {
        yield head;
        for (const part of parts) yield* dependableBytes((await get(part)).body);
      }
      return dependable(joinObjects(client, { Bucket: bucket, Key: key }, pieces()));
    },
    remove,
    async removeAll(prefixes) {
      for (const Prefix of prefixes) {
        let ContinuationToken: string | undefined;
        do {
          const more = ContinuationToken === undefined ? {} : { ContinuationToken };
          const command = new ListObjectsV2Command({ Bucket: bucket, Prefix, ...more });
          const page = await dependable(client.send(command));
          await remove((page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
          ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken !== undefined);
      }
    },
  };
}

interface Wanted {
  readonly Range?: string;
  readonly IfMatch?: string;
}

/**
 * zlib stops at the first zero octet after a member: padding is accepted, a further member is not.
 */
async function refuseTrailing(rest: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of rest) {
    if (piece.some((octet) => octet !== 0)) throw new JobRejected('upload-compression-wrong');
  }
}

/**
 * Returns the number of octets consumed. S3 errors and zlib errors are distinguished: the first are
 * retried, the second are the uploader's fault.
 */
async function* unpack(body: Readable): AsyncGenerator<Uint8Array, number> {
  const unpacked = createGunzip();
  let broken: unknown;
  body.once('error', (error) => {
    broken = error;
    unpacked.destroy(error);
  });
  body.pipe(unpacked);
  try {
    for await (const bytes of unpacked) yield bytes as Uint8Array;
    return unpacked.bytesWritten;
  } catch (cause) {
    if (broken !== undefined) throw unavailable(broken);
    const { code } = cause as { code?: string };
    if (code === 'Z_BUF_ERROR') throw new JobRejected('upload-truncated', { cause });
    if (code === 'Z_DATA_ERROR') throw new JobRejected('upload-compression-wrong', { cause });
    throw cause;
  } finally {
    body.destroy();
    unpacked.destroy();
  }
}

async function* dependableBytes(body: Readable): AsyncGenerator<Uint8Array> {
  const bytes = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await dependable(bytes.next() as Promise<IteratorResult<Uint8Array>>);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    body.destroy();
  }
}

/**
 * `pinned`: the job started with an object of this key. An object missing at the start was never
 * part of the job.
 */
async function dependable<T>(call: Promise<T>, pinned = false): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    if (isCodedError(cause) || cause instanceof JobRejected) throw cause;
    const { $metadata } = cause as { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    // If-Match failed: the object is not the one with which the job started.
    if (status === 412 || (pinned && status === 404))
      throw new JobRejected('upload-changed', { cause });
    throw unavailable(cause);
  }
}

const unavailable = (cause: unknown): MyKeyError =>
  new MyKeyError('dependency-unavailable', 'the object store does not answer', { cause });
