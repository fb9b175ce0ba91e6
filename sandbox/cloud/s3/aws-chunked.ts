import { S3Error } from './s3-error.ts';

/**
 * Decodes the `aws-chunked` content coding of a body (SigV4 "Transferring a payload in multiple
 * chunks"): `hex-size[;chunk-signature=…]\r\n data \r\n` … `0\r\n` trailers `\r\n`. Trailers, which
 * contain the checksums, are stored in `trailers` by lower-case name. Buffers one network chunk at
 * a time.
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  let left = 0;
  let expects: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  for await (const chunk of body) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length > 0) {
      if (expects === 'data') {
        const part = pending.subarray(0, left);
        pending = pending.subarray(part.length);
        left -= part.length;
        if (left === 0) expects = 'data-end';
        yield part;
        continue;
      }
      const end = pending.indexOf('\r\n');
      if (end === -1) break;
      const line = pending.toString('latin1', 0, end);
      pending = pending.subarray(end + 2);
      if (expects === 'data-end') {
        expects = 'size';
      } else if (expects === 'size') {
        left = sizeOf(line);
        expects = left === 0 ? 'trailer' : 'data';
      } else {
        const colon = line.indexOf(':');
        if (colon > 0)
          trailers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
      }
    }
  }
  if (expects !== 'trailer')
    throw new S3Error(400, 'IncompleteBody', 'The body ended before its last chunk.');
}

function sizeOf(line: string): number {
  const hex = line.split(';', 1)[0] ?? '';
  if (!/^[\da-f]{1,8}$/i.test(hex))
    throw new S3Error(400, 'InvalidRequest', 'A chunk does not start with its size.');
  return Number.parseInt(hex, 16);
}
