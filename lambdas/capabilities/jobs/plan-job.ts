import type { StoredLists } from '../../crl-store/lookup/stored-lists.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import type { CheckQuota } from '../revocation-checks/check-quota.ts';
import { jobFiles } from './job-files.ts';
import { jobLimits } from './limits.ts';
import { JobRejected } from './job-rejected.ts';
import type { Columns, Job, PinnedIssuers } from './job.ts';
import { pinIssuers } from './pin-issuers.ts';
import { pinLists } from './pinned-lists.ts';
import type { JobChunk, JobFiles, JobStore } from './ports.ts';
import { OpenQuoteGuard } from './open-quote.ts';
import { readHead } from './read-head.ts';
import { LineSplitter, type LineRange, type SplitLimits } from './split-lines.ts';

export interface PlanDependencies {
  readonly store: JobStore;
  readonly files: JobFiles;
  readonly lists: Pick<StoredLists, 'current' | 'all'>;
  readonly profile: TrustProfile;
  readonly quota: CheckQuota;
  /**
   * Identifiers that one service may check in a day, in bulk checks and in jobs together, where the
   * operator set no other number for it.
   */
  readonly identifiersPerDay: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Divides the upload into chunks in one pass and writes the manifest for the distributed map. An
 * interrupted plan can be repeated: it writes the same keys, and no chunk runs before it returns.
 * An upload that is not a file of rows fails the job here; the map then has no chunks.
 */
export async function planJob(
  jobId: string,
  dependencies: PlanDependencies,
): Promise<{ manifestKey: string }> {
  const { store, files, now } = dependencies;
  const manifestKey = jobFiles.manifest(jobId);
  const job = await store.find(jobId);
  // A previous worker finished planning but failed before it returned.
  if (job?.state === 'checking') return { manifestKey };
  if (job?.state !== 'planning') {
    await files.write(manifestKey, '[]', 'none');
    return { manifestKey };
  }
  try {
    const pinned = await pinIssuers(dependencies.profile, dependencies.lists, now);
    const { chunks, lines, columns } = await cut(job, files, knowsIssuer(pinned));
    await count(job, chunks, dependencies);
    if (job.method !== undefined) await pinLists(jobId, dependencies);
    await files.write(manifestKey, JSON.stringify(chunks), 'none');
    const planned = { state: 'checking', chunks: chunks.length, lines, pinned, columns } as const;
    await store.change(jobId, ['planning'], planned);
  } catch (error) {
    if (!(error instanceof JobRejected)) throw error;
    await files.write(manifestKey, '[]', 'none');
    await store.change(jobId, ['planning'], {
      state: 'failed',
      failure: error.failure,
      ...(error.detail === undefined ? {} : { failureDetail: error.detail }),
      finishedAt: now,
    });
  }
  return { manifestKey };
}

/**
 * Serials count towards the quota of bulk checks, because they may be of anybody's certificate; PPIDs are
 * the service's own and do not. Every line after the header counts, once however often planning is repeated.
 */
async function count(
  { jobId, owner, by, ...asked }: Job,
  chunks: readonly JobChunk[],
  { quota, now, ...deployed }: PlanDependencies,
): Promise<void> {
  if (by !== 'serial') return;
  const identifiersPerDay = asked.identifiersPerDay ?? deployed.identifiersPerDay;
  const rows = chunks.reduce((sum, { lines }) => sum + lines, 0);
  const day = new Date(now).toISOString().slice(0, 10);
  if (await quota.take(owner, day, rows, identifiersPerDay, jobId)) return;
  throw new JobRejected('identifiers-quota-exceeded', {
    detail: `wait for midnight UTC, or send fewer rows than the ${rows} of this file: this service may ask for ${identifiersPerDay} serials a day, in jobs and bulk checks together`,
  });
}

const knowsIssuer =
  ({ issuers }: PinnedIssuers) =>
  (name: string): boolean =>
    issuers.some((issuer) => issuer.name === name || issuer.issuerKeyId === name.toLowerCase());

interface Cut {
  readonly chunks: readonly JobChunk[];
  readonly lines: number;
  readonly columns: Columns;
}

/**
 * Chunks of an uncompressed upload are ranges of it; a compressed one is decompressed into one
 * object per chunk.
 */
async function cut(
  job: Job,
  files: JobFiles,
  knowsIssuer: (name: string) => boolean,
): Promise<Cut> {
  const pieces = job.compression === 'gzip' ? new Pieces(job.jobId, files) : undefined;
  const chunks: JobChunk[] = [];
  let rows = 0;
  const take = async (ranges: readonly LineRange[]) => {
    for (const range of ranges) {
      rows += range.lines;
      if (asksResponders(job) && rows > jobLimits.ocspLines) {
        throw new JobRejected('upload-too-large-for-ocsp');
      }
      chunks.push(
        pieces === undefined
          ? { ...range, key: jobFiles.upload(job.jobId) }
          : await pieces.write(range),
      );
    }
  };

  let head: Uint8Array = new Uint8Array(0);
  let begun: { readonly splitter: LineSplitter; readonly columns: Columns } | undefined;
  const quotes = job.format === 'csv' ? new OpenQuoteGuard() : undefined;
  const split = (splitter: LineSplitter, bytes: Uint8Array) => {
    quotes?.push(bytes);
    return splitter.push(bytes);
  };
  const begin = (atEnd: boolean) => {
    const found = readHead(head, atEnd, job, knowsIssuer);
    if (found === undefined) {
      if (head.length > jobLimits.lineBytes) throw new JobRejected('upload-line-too-long');
      return undefined;
    }
    pieces?.skip(found.bytes);
    const splitter = new LineSplitter(splitLimits(job), found.bytes, found.firstLine);
    return { splitter, columns: found.columns, rest: head.subarray(found.bytes) };
  };

  const upload = jobFiles.upload(job.jobId);
  const most = job.uploadBytes * jobLimits.expansion + jobLimits.expansionAllowance;
  let plain = 0;
  for await (const bytes of files.stream(upload, job.compression, job.uploadEtag)) {
    plain += bytes.length;
    if (plain > most) throw new JobRejected('upload-expands-too-far');
    pieces?.add(bytes);
    if (begun !== undefined) {
      await take(split(begun.splitter, bytes));
      continue;
    }
    head = head.length === 0 ? bytes : Buffer.concat([head, bytes]);
    const found = begin(false);
    if (found === undefined) continue;
    begun = found;
    await take(split(found.splitter, found.rest));
  }
  if (begun === undefined) {
    const found = begin(true);
    if (found === undefined) throw new JobRejected('upload-empty');
    begun = found;
    await take(split(found.splitter, found.rest));
  }
  quotes?.end();
  await take(begun.splitter.end());
  await pieces?.written();
  if (chunks.length === 0) throw new JobRejected('upload-empty');
  return { chunks, lines: begun.splitter.lines, columns: begun.columns };
}

function splitLimits(job: Job): SplitLimits {
  const { chunkBytes, lineBytes, lines, plainBytes } = jobLimits;
  return { chunkBytes, chunkLines: chunkLinesOf(job), lineBytes, lines, plainBytes };
}

function chunkLinesOf(job: Job): number {
  if (asksResponders(job)) return jobLimits.chunkLinesByOcsp;
  return job.by === 'ppid' ? jobLimits.chunkLinesByPpid : jobLimits.chunkLinesBySerial;
}

const asksResponders = ({ method }: Job): boolean => method === 'ocsp' || method === 'auto';

/**
 * Buffers decompressed octets that do not belong to a chunk yet: at most one chunk and one read
 * buffer.
 */
class Pieces {
  readonly #jobId: string;
  readonly #files: JobFiles;
  #held: Uint8Array[] = [];
  #offset = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(jobId: string, files: JobFiles) {
    this.#jobId = jobId;
    this.#files = files;
  }

  add(bytes: Uint8Array): void {
    this.#held.push(bytes);
  }

  skip(bytes: number): void {
    this.#takeUntil(bytes);
  }

  /**
   * Writes while the next octets are decompressed; one write at a time, so that memory stays
   * bounded.
   */
  async write(range: LineRange): Promise<JobChunk> {
    const key = jobFiles.piece(this.#jobId, range.index);
    const content = this.#takeUntil(range.end);
    await this.#writing;
    this.#writing = this.#files.write(key, content, 'none');
    // A rejection is reported by the next write or by `written`, not as unhandled.
    this.#writing.catch(() => {});
    return { ...range, key, start: 0, end: content.length };
  }

  written(): Promise<void> {
    return this.#writing;
  }

  #takeUntil(end: number): Uint8Array {
    const all = Buffer.concat(this.#held);
    const taken = all.subarray(0, end - this.#offset);
    this.#held = [all.subarray(taken.length)];
    this.#offset = end;
    return taken;
  }
}
