import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import { MyKeyError } from '../../../errors.ts';
import { counted, type DownloadLimits } from './counted.ts';

export type ObjectReader = Pick<S3Client, 'send'>;

/** `s3://bucket/key`. */
export async function* s3Download(
  url: string,
  objects: ObjectReader,
  limits: DownloadLimits,
): AsyncIterable<Uint8Array> {
  const { hostname, pathname } = new URL(url);
  const key = decodeURIComponent(pathname.slice(1));
  const object = await open(objects, hostname, key, limits);
  yield* counted(object.body, object.announced, limits);
}

async function open(objects: ObjectReader, bucket: string, key: string, limits: DownloadLimits) {
  try {
    const { Body, ContentLength } = await objects.send(
      new GetObjectCommand({ Bucket: bucket, Key: key }),
      { abortSignal: AbortSignal.timeout(limits.totalMs) },
    );
    // In Node.js, the SDK's body is a Readable of buffers.
    return { body: Body as Readable as AsyncIterable<Uint8Array>, announced: ContentLength };
  } catch (cause) {
    throw new MyKeyError('crl-download-failed', 'the object cannot be read', { cause });
  }
}
