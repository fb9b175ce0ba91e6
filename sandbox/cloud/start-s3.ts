import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, serveLoopback } from './serve-loopback.ts';
import { S3Error } from './s3/s3-error.ts';
import { type OnObjectCreated, answerS3 } from './s3/s3-requests.ts';
import { S3Store } from './s3/s3-store.ts';
import { element } from './s3/xml.ts';

export interface S3 {
  readonly endpoint: string;
  readonly store: S3Store;
  close(): Promise<void>;
}

/**
 * An S3 endpoint (path style): objects of any size streamed to files, multipart uploads, ranges,
 * conditions, checksums, presigned URLs with their expiry. Objects live in `dataDir`, else in a
 * temporary folder that goes when it closes.
 */
export async function startS3({
  dataDir,
  now = Date.now,
  onObjectCreated = () => {},
}: {
  dataDir?: string | undefined;
  now?: () => number;
  onObjectCreated?: OnObjectCreated;
} = {}): Promise<S3> {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'mykey-s3-'));
  const remove = () => dataDir === undefined && rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const store = new S3Store(folder, now);
  const server = await serveLoopback(async (request, body, response) => {
    const url = new URL(request.url ?? '/', 'http://s3');
    const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(url.pathname) ?? [];
    const call = {
      request,
      response,
      body,
      bucket,
      key: decodeURIComponent(key),
      query: url.searchParams,
    };
    try {
      refuseExpired(url.searchParams, now());
      return await answerS3(store, call, onObjectCreated);
    } catch (cause) {
      if (!(cause instanceof S3Error)) throw cause;
      request.resume();
      return refusal(cause, url.pathname);
    }
  });
  return {
    endpoint: server.url,
    store,
    async close() {
      await server.close();
      process.off('exit', remove);
      remove();
    },
  };
}

/** A presigned URL is good for X-Amz-Expires seconds from X-Amz-Date (SigV4, query parameters). */
function refuseExpired(query: URLSearchParams, now: number): void {
  const date = query.get('X-Amz-Date');
  if (date === null) return;
  const signedAt = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (!(now <= signedAt + Number(query.get('X-Amz-Expires')) * 1000))
    throw new S3Error(403, 'AccessDenied', 'Request has expired');
}

const refusal = (error: S3Error, resource: string): Answer => ({
  status: error.status,
  headers: { 'content-type': 'application/xml' },
  body:
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error>' +
    element('Code', error.code) +
    element('Message', error.message) +
    element('Resource', resource) +
    '</Error>',
});
