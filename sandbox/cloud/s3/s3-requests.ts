import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Answer, ReadBody } from '../serve-loopback.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import { listObjects } from './s3-listing.ts';
import { S3Error } from './s3-error.ts';
import type { S3Store, StoredObject } from './s3-store.ts';
import { element, elements, textOf } from './xml.ts';

export type CreatedBy = 'Put' | 'Copy' | 'CompleteMultipartUpload';
export type OnObjectCreated = (bucket: string, object: StoredObject, by: CreatedBy) => void;

export interface S3Request {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: ReadBody;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  /** DeleteObjects reports refusals per key. */
  readonly mayDelete: (key: string) => boolean;
}

/** Answers one request in path style; undefined where the response was streamed. */
export function answerS3(
  store: S3Store,
  call: S3Request,
  created: OnObjectCreated,
): Promise<Answer | undefined> {
  return Promise.resolve().then(() => answered(store, call, created));
}

function answered(
  store: S3Store,
  call: S3Request,
  created: OnObjectCreated,
): Promise<Answer | undefined> | Answer {
  const { request, bucket, key, query } = call;
  const method = request.method ?? 'GET';
  if (bucket === '')
    return xml(`<ListAllMyBucketsResult>${bucketList(store)}</ListAllMyBucketsResult>`);
  if (key === '') {
    if (method === 'PUT') return createBucket(store, bucket);
    if (method === 'HEAD') return empty(store.bucket(bucket) && 200);
    if (method === 'GET' && query.has('location')) return xml('<LocationConstraint/>');
    if (method === 'GET') return xml(listObjects(bucket, store.bucket(bucket), query));
    if (method === 'POST' && query.has('delete')) return deleteMany(store, call);
    throw notOffered();
  }
  if (method === 'GET' || method === 'HEAD') return getObject(store, call);
  if (method === 'PUT' && query.has('uploadId')) return putPart(store, call);
  if (method === 'PUT') return putObject(store, call, created);
  if (method === 'POST' && query.has('uploads')) {
    const id = store.startUpload(bucket, key, keptHeaders(request));
    const content = element('Bucket', bucket) + element('Key', key) + element('UploadId', id);
    return xml(`<InitiateMultipartUploadResult>${content}</InitiateMultipartUploadResult>`);
  }
  if (method === 'POST' && query.has('uploadId')) return completeUpload(store, call, created);
  if (method === 'DELETE' && query.has('uploadId'))
    return empty((store.abortUpload(query.get('uploadId') ?? ''), 204));
  if (method === 'DELETE') return empty((store.delete(bucket, key), 204));
  throw notOffered();
}

async function getObject(store: S3Store, call: S3Request): Promise<undefined> {
  const { request, response, query } = call;
  const object = store.get(call.bucket, call.key);
  const headers: Record<string, string> = {
    'content-type': 'application/octet-stream',
    ...object.headers,
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
  };
  for (const name of ['content-type', 'content-disposition', 'content-encoding']) {
    const asked = query.get(`response-${name}`);
    if (asked !== null) headers[name] = asked;
  }
  if (request.headers['if-match'] !== undefined && !names(request.headers['if-match'], object))
    throw new S3Error(412, 'PreconditionFailed', 'If-Match did not hold');
  if (names(request.headers['if-none-match'], object)) {
    response.writeHead(304, headers).end();
    return undefined;
  }
  const range = rangeOf(request.headers.range, object.size);
  if (range !== undefined)
    headers['content-range'] = `bytes ${range.start}-${range.end}/${object.size}`;
  const { start, end } = range ?? { start: 0, end: object.size - 1 };
  headers['content-length'] = String(end - start + 1);
  response.writeHead(range === undefined ? 200 : 206, headers);
  if (request.method === 'HEAD' || object.size === 0) response.end();
  else await pipeline(store.read(object, { start, end }), response).catch(() => response.destroy());
  return undefined;
}

async function putObject(
  store: S3Store,
  call: S3Request,
  created: OnObjectCreated,
): Promise<Answer> {
  const { request, bucket, key } = call;
  const source = request.headers['x-amz-copy-source'];
  if (source !== undefined) return copyObject(store, call, String(source), created);
  const existing = store.bucket(bucket).get(key);
  if (request.headers['if-none-match'] === '*' && existing !== undefined)
    throw new S3Error(412, 'PreconditionFailed', 'If-None-Match: an object is there');
  const ifMatch = request.headers['if-match'];
  if (ifMatch !== undefined && (existing === undefined || !names(ifMatch, existing)))
    throw new S3Error(412, 'PreconditionFailed', 'If-Match did not hold');
  const { stream, checksums } = payload(request);
  const object = await store.put(bucket, key, stream, keptHeaders(request), checksums);
  created(bucket, object, 'Put');
  return { status: 200, headers: { etag: `"${object.etag}"` }, body: '' };
}

async function copyObject(
  store: S3Store,
  { request, bucket, key }: S3Request,
  source: string,
  created: OnObjectCreated,
): Promise<Answer> {
  const [, from = '', fromKey = ''] = /^\/?([^/]+)\/(.*)$/s.exec(decodeURIComponent(source)) ?? [];
  const original = store.get(from, fromKey);
  const replaced = request.headers['x-amz-metadata-directive'] === 'REPLACE';
  const headers = replaced ? keptHeaders(request) : original.headers;
  const object = await store.put(bucket, key, store.read(original), headers);
  created(bucket, object, 'Copy');
  const when = element('LastModified', new Date(object.modifiedAt).toISOString());
  return xml(`<CopyObjectResult>${when}${element('ETag', `"${object.etag}"`)}</CopyObjectResult>`);
}

async function putPart(store: S3Store, { request, query }: S3Request): Promise<Answer> {
  const number = Number(query.get('partNumber'));
  if (!(number >= 1 && number <= 10_000))
    throw new S3Error(400, 'InvalidArgument', 'Part number must be between 1 and 10000');
  const { stream, checksums } = payload(request);
  const etag = await store.putPart(query.get('uploadId') ?? '', number, stream, checksums);
  return { status: 200, headers: { etag: `"${etag}"` }, body: '' };
}

async function completeUpload(
  store: S3Store,
  { body, bucket, query }: S3Request,
  created: OnObjectCreated,
): Promise<Answer> {
  const asked = elements((await body(2_000_000)).toString(), 'Part').map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: (textOf(part, 'ETag') ?? '').replaceAll('"', ''),
  }));
  const object = await store.completeUpload(query.get('uploadId') ?? '', asked);
  created(bucket, object, 'CompleteMultipartUpload');
  const content = element('Bucket', bucket) + element('Key', object.key);
  const etag = element('ETag', `"${object.etag}"`);
  return xml(`<CompleteMultipartUploadResult>${content}${etag}</CompleteMultipartUploadResult>`);
}

async function deleteMany(store: S3Store, { body, bucket, mayDelete }: S3Request): Promise<Answer> {
  const keys = elements((await body(2_000_000)).toString(), 'Object').map(
    (object) => textOf(object, 'Key') ?? '',
  );
  const results = keys.map((key) => {
    if (!mayDelete(key))
      return `<Error>${element('Key', key)}${element('Code', 'AccessDenied')}${element('Message', 'Access Denied')}</Error>`;
    store.delete(bucket, key);
    return `<Deleted>${element('Key', key)}</Deleted>`;
  });
  return xml(`<DeleteResult>${results.join('')}</DeleteResult>`);
}

function createBucket(store: S3Store, name: string): Answer {
  if (!/^[a-z\d][a-z\d.-]{1,61}[a-z\d]$/.test(name))
    throw new S3Error(400, 'InvalidBucketName', 'The specified bucket is not valid.');
  store.createBucket(name);
  return { status: 200, headers: { location: `/${name}` }, body: '' };
}

function payload(request: IncomingMessage) {
  const trailers = new Map<string, string>();
  const framed =
    (request.headers['content-encoding'] ?? '').includes('aws-chunked') ||
    String(request.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  const checksums = () => {
    const given = new Map(trailers);
    const trailing = String(request.headers['x-amz-trailer'] ?? '');
    if (trailing !== '' && !given.has(trailing)) given.set(trailing, '');
    for (const [name, value] of Object.entries(request.headers))
      if (name === 'content-md5' || /^x-amz-checksum-(?!algorithm|type|mode)/.test(name))
        given.set(name, String(value));
    const signed = String(request.headers['x-amz-content-sha256'] ?? '');
    if (/^[\da-f]{64}$/.test(signed)) given.set('x-amz-content-sha256', signed);
    return given;
  };
  return { stream: framed ? decodeAwsChunked(request, trailers) : request, checksums };
}

function keptHeaders(request: IncomingMessage): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (/^(content-(type|disposition|language)|cache-control|x-amz-meta-.*)$/.test(name))
      kept[name] = String(value);
  const encoding = request.headers['content-encoding'] ?? '';
  const own = encoding.split(',').filter((coding) => !['aws-chunked', ''].includes(coding.trim()));
  if (own.length > 0) kept['content-encoding'] = own.join(',');
  return kept;
}

const names = (etags: string | undefined, object: StoredObject): boolean =>
  etags !== undefined && (etags === '*' || etags.replaceAll('"', '').includes(object.etag));

/** RFC 9110 §14.1.2: `first-last`, `first-`, `-suffix`; one range only, as S3. */
function rangeOf(header: string | undefined, size: number) {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start <= end) return { start, end };
  throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable');
}

const bucketList = (store: S3Store): string =>
  `<Buckets>${store
    .buckets()
    .map(
      ({ name, createdAt }) =>
        `<Bucket>${element('Name', name)}${element('CreationDate', createdAt.toISOString())}</Bucket>`,
    )
    .join('')}</Buckets>`;

const xml = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});

const empty = (status: number): Answer => ({ status, headers: {}, body: '' });

const notOffered = (): S3Error =>
  new S3Error(501, 'NotImplemented', 'This S3 endpoint does not offer the operation.');
