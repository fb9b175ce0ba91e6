import { randomUUID } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, link, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createProgressBar, type ProgressBar } from './progress-bar.ts';
import { CommandFailure, exitCodes } from './run-command.ts';

export interface UploadTarget {
  readonly url: string;
  /** Headers to send unchanged; the URL's signature covers them. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Uploads a file by PUT without buffering it. `fetch` would send a stream with chunked coding,
 * which S3 does not accept.
 */
export async function uploadFile(
  path: string,
  bytes: number,
  { url, headers }: UploadTarget,
  signal: AbortSignal,
): Promise<void> {
  const bar = createProgressBar({ label: 'upload', unit: 'bytes' });
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const outgoing = request(url, {
    method: 'PUT',
    headers: { 'Content-Length': String(bytes), ...headers },
    signal,
  });
  const answered = new Promise<number>((resolve, reject) => {
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
  let status: number;
  try {
    const sent = pipeline(createReadStream(path), counted(bar, bytes), outgoing);
    [status] = await Promise.all([answered, sent]);
  } catch (error) {
    bar.stop();
    throw transferFailure('the upload was interrupted', error, signal);
  }
  bar.finish();
  // If-None-Match failed: an earlier try whose response was lost has stored the file.
  if (status !== 200 && status !== 412) {
    throw new CommandFailure(`the upload was refused (HTTP ${status})`, exitCodes.unavailable);
  }
}

/**
 * Downloads to a temporary file in the same directory, so that the final name only ever holds a
 * complete file. Overwrites nothing.
 */
export async function downloadFile(
  url: string,
  path: string,
  label: string,
  signal: AbortSignal,
): Promise<void> {
  const partial = `${path}.${randomUUID()}.part`;
  let bar: ProgressBar | undefined;
  try {
    const response = await fetch(url, { signal });
    if (!response.ok || response.body === null) {
      throw new CommandFailure(
        `the download was refused (HTTP ${response.status})`,
        exitCodes.unavailable,
      );
    }
    const bytes = Number(response.headers.get('content-length') ?? Number.NaN);
    bar = createProgressBar({ label, unit: 'bytes' });
    await pipeline(
      Readable.fromWeb(response.body),
      counted(bar, Number.isNaN(bytes) ? undefined : bytes),
      createWriteStream(partial, { flags: 'wx' }),
      { signal },
    );
    bar.finish();
    await takeName(partial, path);
  } catch (error) {
    bar?.stop();
    await rm(partial, { force: true });
    throw error instanceof CommandFailure
      ? error
      : transferFailure('the download was interrupted', error, signal);
  }
}

/** Uses link, which fails if the name exists; `rename` would replace an existing file. */
async function takeName(partial: string, path: string): Promise<void> {
  try {
    await link(partial, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') {
      throw new CommandFailure(`${path} exists and is not overwritten`, exitCodes.failed, {
        cause: error,
      });
    }
    // The file system has no hard links.
    await copyFile(partial, path, constants.COPYFILE_EXCL);
  }
  await rm(partial, { force: true });
}

function counted(bar: ProgressBar, total: number | undefined) {
  let done = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      bar.update(done, total);
      next(null, chunk);
    },
  });
}

function transferFailure(what: string, cause: unknown, signal: AbortSignal): CommandFailure {
  if (signal.aborted) return new CommandFailure('interrupted', exitCodes.interrupted, { cause });
  const { code, name } = cause as { code?: string; name?: string };
  return new CommandFailure(`${what} (${code ?? name ?? 'unknown'})`, exitCodes.unavailable, {
    cause,
  });
}
