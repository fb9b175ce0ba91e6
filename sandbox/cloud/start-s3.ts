import type { IncomingMessage } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, serveLoopback } from './serve-loopback.ts';
import { S3Error } from './s3/s3-error.ts';
import { type OnObjectCreated, answerS3 } from './s3/s3-requests.ts';
import { S3Store } from './s3/s3-store.ts';
import { s3Refusal, signerOf } from './iam/guard.ts';
import type { Iam } from './iam/iam.ts';
import { objectArn, s3Needs } from './iam/needs.ts';
import { element } from './s3/xml.ts';

export interface S3 {
  readonly endpoint: string;
  readonly store: S3Store;
  close(): Promise<void>;
}

/**
 * An S3 endpoint (path style): objects of any size streamed to files, multipart uploads, ranges,
 * conditional requests, checksums, presigned URLs with expiry. Objects are stored in `dataDir`,
 * otherwise in a temporary folder deleted on close.
 */
export async function startS3({
  dataDir,
  now = Date.now,
  onObjectCreated = () => {},
  iam,
}: {
  dataDir?: string | undefined;
  now?: () => number;
  onObjectCreated?: OnObjectCreated;
  /**
   * Authorizes requests; without it every request is allowed unless its presigned URL has expired.
   */
  iam?: Iam;
} = {}): Promise<S3> {
  const folder = dataDir ?? mkdtempSync(join(tmpdir(), 'mykey-s3-'));
  const remove = () => dataDir === undefined && rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const store = new S3Store(folder, now);
  const server = await serveLoopback(async (request, body, response) => {
    const url = new URL(request.url ?? '/', 'http://s3');
    const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(url.pathname) ?? [];
    try {
      const call = { request, bucket, key: decodedKey(key), query: url.searchParams };
      const access = iam === undefined ? undefined : admit(iam, call);
      if (access === undefined) refuseExpired(url.searchParams, now());
      const mayDelete = access?.mayDelete ?? (() => true);
      return await answerS3(store, { ...call, response, body, mayDelete }, onObjectCreated).catch(
        (cause: unknown) => {
          throw access?.seen(cause) ?? cause;
        },
      );
    } catch (cause) {
      const denied = s3Refusal(cause);
      const error = denied ? new S3Error(denied.status, denied.code, denied.message) : cause;
      if (!(error instanceof S3Error)) throw cause;
      request.resume();
      return refusal(error, url.pathname);
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

interface AdmittedCall {
  readonly request: IncomingMessage;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
}

/** @throws NotAuthenticated, AccessDenied */
function admit(iam: Iam, { request, bucket, key, query }: AdmittedCall) {
  const { method = 'GET', headers } = request;
  const source = headers['x-amz-copy-source'];
  const copySource = source === undefined ? undefined : decodedKey(String(source));
  const signer = signerOf(iam, 's3', request);
  iam.authorize(signer, ...s3Needs({ method, bucket, key, query, copySource }));
  return {
    mayDelete: (each: string): boolean =>
      iam.may(signer, { action: 's3:DeleteObject', resource: objectArn(bucket, each) }),
    /**
     * A caller without ListBucket gets 403 instead of 404 for a missing object (GetObject,
     * "Permissions").
     */
    seen: (cause: unknown): unknown => {
      if (!(cause instanceof S3Error && cause.code === 'NoSuchKey')) return cause;
      const list = { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` };
      return iam.may(signer, list) ? cause : new S3Error(403, 'AccessDenied', 'Access Denied');
    },
  };
}

function decodedKey(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}

/** A presigned URL is valid for X-Amz-Expires seconds from X-Amz-Date (SigV4, query parameters). */
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
