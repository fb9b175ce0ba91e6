import { createHash, hash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, readFileSync } from 'node:fs';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { S3Error, noSuchKey, noSuchUpload } from './s3-error.ts';

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: number;
  /** Response headers returned as stored: content type, encoding, x-amz-meta-… */
  readonly headers: Readonly<Record<string, string>>;
  readonly file: string;
}

interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, { file: string; etag: string }>;
}

/** Announced checksums of a body: header name (`x-amz-checksum-crc32`, …) → base64. */
export type Checksums = () => ReadonlyMap<string, string>;

/** Objects as files, one folder per bucket, streamed in and out; the index is in memory. */
export class S3Store {
  readonly #folder: string;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Map<string, StoredObject>>();
  readonly #uploads = new Map<string, Upload>();

  /** Files found at the start that belong to no object: parts of uploads, interrupted writes. */
  readonly swept: number;

  constructor(folder: string, now: () => number) {
    this.#folder = folder;
    this.#now = now;
    mkdirSync(folder, { recursive: true });
    this.swept = readdirSync(folder)
      .map((bucket) => this.#load(bucket))
      .reduce((sum, swept) => sum + swept, 0);
  }

  createBucket(name: string): void {
    if (this.#buckets.has(name)) return;
    mkdirSync(join(this.#folder, name), { recursive: true });
    this.#buckets.set(name, new Map());
  }

  bucket(name: string): Map<string, StoredObject> {
    const objects = this.#buckets.get(name);
    if (objects !== undefined) return objects;
    throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist');
  }

  buckets = (): { name: string; createdAt: Date }[] =>
    [...this.#buckets.keys()].map((name) => ({
      name,
      createdAt: statSync(join(this.#folder, name)).birthtime,
    }));

  get(bucket: string, key: string): StoredObject {
    const object = this.bucket(bucket).get(key);
    if (object === undefined) throw noSuchKey();
    return object;
  }

  read = (object: StoredObject, range: { start?: number; end?: number } = {}) =>
    createReadStream(object.file, range);

  async put(
    bucket: string,
    key: string,
    body: AsyncIterable<Buffer>,
    headers: Readonly<Record<string, string>>,
    checksums: Checksums = () => new Map(),
  ): Promise<StoredObject> {
    this.bucket(bucket);
    const written = await this.#write(bucket, body, checksums);
    return this.#commit(bucket, { key, headers, ...written });
  }

  delete(bucket: string, key: string): void {
    const objects = this.bucket(bucket);
    const object = objects.get(key);
    if (object === undefined) return;
    objects.delete(key);
    rmSync(object.file, { force: true });
    rmSync(this.#metadataFile(bucket, key), { force: true });
  }

  startUpload(bucket: string, key: string, headers: Readonly<Record<string, string>>): string {
    this.bucket(bucket);
    const id = randomUUID();
    this.#uploads.set(id, { bucket, key, headers, parts: new Map() });
    return id;
  }

  async putPart(id: string, number: number, body: AsyncIterable<Buffer>, checksums: Checksums) {
    const upload = this.#upload(id);
    const { file, etag } = await this.#write(upload.bucket, body, checksums);
    upload.parts.set(number, { file, etag });
    return etag;
  }

  async completeUpload(
    id: string,
    asked: readonly { number: number; etag: string }[],
  ): Promise<StoredObject> {
    const { bucket, key, headers, parts } = this.#upload(id);
    const files = asked.map(({ number, etag }) => {
      const part = parts.get(number);
      if (part?.etag === etag) return part;
      throw new S3Error(400, 'InvalidPart', 'One or more of the specified parts are not there.');
    });
    const { file, size } = await this.#write(bucket, concatenated(files), () => new Map());
    const digests = files.map((part) => Buffer.from(part.etag, 'hex'));
    const etag = `${hash('md5', Buffer.concat(digests))}-${files.length}`;
    this.abortUpload(id);
    return this.#commit(bucket, { key, headers, file, size, etag });
  }

  abortUpload(id: string): void {
    for (const { file } of this.#upload(id).parts.values()) rmSync(file, { force: true });
    this.#uploads.delete(id);
  }

  #upload(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw noSuchUpload();
    return upload;
  }

  async #write(bucket: string, body: AsyncIterable<Buffer>, checksums: Checksums) {
    const file = join(this.#folder, bucket, `${randomUUID()}.data`);
    const md5 = createHash('md5');
    const digests = { sha256: createHash('sha256'), sha1: createHash('sha1') };
    const promised = [...checksums().keys()].join();
    let size = 0;
    let crc = 0;
    async function* measured(source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        size += chunk.length;
        md5.update(chunk);
        crc = crc32(chunk, crc);
        if (promised.includes('sha256')) digests.sha256.update(chunk);
        if (promised.includes('sha1')) digests.sha1.update(chunk);
        yield chunk;
      }
    }
    try {
      await pipeline(measured(body), createWriteStream(file));
      const etag = md5.digest('hex');
      const actual: Record<string, () => string> = {
        'content-md5': () => Buffer.from(etag, 'hex').toString('base64'),
        'x-amz-checksum-crc32': () => {
          const bytes = Buffer.alloc(4);
          bytes.writeUInt32BE(crc);
          return bytes.toString('base64');
        },
        'x-amz-checksum-sha256': () => digests.sha256.copy().digest('base64'),
        'x-amz-checksum-sha1': () => digests.sha1.digest('base64'),
        // x-amz-content-sha256 is signed; S3 reports its mismatch with a separate code.
        'x-amz-content-sha256': () => digests.sha256.copy().digest('hex'),
      };
      for (const [name, value] of checksums())
        if (actual[name] !== undefined && actual[name]() !== value)
          throw new S3Error(
            400,
            name === 'x-amz-content-sha256' ? 'XAmzContentSHA256Mismatch' : 'BadDigest',
            `The ${name} you specified did not match.`,
          );
      return { file, size, etag };
    } catch (cause) {
      rmSync(file, { force: true });
      throw cause;
    }
  }

  #commit(bucket: string, written: Omit<StoredObject, 'modifiedAt'>): StoredObject {
    const object = { ...written, modifiedAt: this.#now() };
    const objects = this.bucket(bucket);
    const former = objects.get(object.key);
    const metadata = this.#metadataFile(bucket, object.key);
    try {
      writeFileSync(`${metadata}.new`, JSON.stringify(object));
      renameSync(`${metadata}.new`, metadata);
    } catch (cause) {
      // If the disk is full, the previous object, if any, remains.
      for (const file of [`${metadata}.new`, object.file]) rmSync(file, { force: true });
      throw cause;
    }
    objects.set(object.key, object);
    // Readers that opened the previous file keep it until they close it.
    if (former !== undefined) rmSync(former.file, { force: true });
    return object;
  }

  #metadataFile = (bucket: string, key: string): string =>
    join(this.#folder, bucket, `${hash('sha256', key)}.json`);

  /** Reads the objects of a bucket and removes files that belong to none; returns their number. */
  #load(bucket: string): number {
    this.createBucket(bucket);
    const folder = join(this.#folder, bucket);
    const known = new Set<string>();
    for (const name of readdirSync(folder)) {
      if (!name.endsWith('.json')) continue;
      const object = readMetadata(join(folder, name));
      if (object === undefined) continue;
      // The folder may have been moved, or be reached through another path.
      const file = join(folder, basename(object.file));
      if (!existsSync(file)) continue;
      this.bucket(bucket).set(object.key, { ...object, file });
      known.add(name).add(basename(file));
    }
    const orphans = readdirSync(folder).filter((name) => !known.has(name));
    for (const name of orphans) rmSync(join(folder, name), { force: true });
    return orphans.length;
  }
}

/** Undefined if the machine stopped before the file was complete. */
function readMetadata(path: string): StoredObject | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as StoredObject;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

async function* concatenated(parts: readonly { file: string }[]): AsyncGenerator<Buffer> {
  for (const { file } of parts) yield* createReadStream(file) as AsyncIterable<Buffer>;
}
