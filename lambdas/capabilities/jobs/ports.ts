import type { CertificateReference } from '../../people/certificate-reference.ts';
import type { Job, JobState, JobTotals } from './job.ts';
import type { LineRange } from './split-lines.ts';

/** One chunk as the manifest lists it: a byte range of one object. */
export interface JobChunk extends LineRange {
  /** The upload itself, or the piece that was unpacked from it. */
  readonly key: string;
}

/** What a chunk gave; the first one kept counts, whatever later workers do. */
export interface ChunkOutcome {
  readonly index: number;
  readonly totals: JobTotals;
  /** Where this attempt put its rows; absent when there are none. */
  readonly resultKey?: string;
  readonly malformedKey?: string;
  /** By serial: what the chunk shows of the format that its serials are written in. */
  readonly serials?: SerialsSeen;
}

/** Distinct serials of one chunk, and how many of them can only be hex. */
export interface SerialsSeen {
  readonly distinct: number;
  readonly letters: number;
}

/** What a job takes of its service's share until it is gone. */
export interface JobShare {
  readonly jobId: string;
  readonly owner: string;
  /** Held by its upload or its results. */
  readonly bytes: number;
  readonly active: boolean;
  /** After that it counts no more, whatever became of it; milliseconds since 1970. */
  readonly until: number;
}

export interface ShareLimits {
  readonly activeJobs: number;
  readonly keptJobs: number;
  readonly storedBytes: number;
}

/** Port: jobs and their chunks. Everything throws `dependency-unavailable`. */
export interface JobStore {
  /**
   * Takes a share for a new job; instead names the limit that the service would then exceed. Shares
   * whose time is over are given back on the way. The same job twice is once.
   */
  takeShare(
    share: JobShare,
    limits: ShareLimits,
    now: number,
  ): Promise<keyof ShareLimits | undefined>;
  /** Changes what a job that holds a share holds; of one that holds none, nothing. */
  changeShare(share: JobShare): Promise<void>;
  /** Nothing held is success. */
  giveBackShare(owner: string, jobId: string): Promise<void>;
  /**
   * Files a new job. Where the id stands already, it is the same request, repeated: what stands is left.
   */
  create(job: Job): Promise<'created' | 'stood'>;
  /** Strongly consistent. */
  find(jobId: string): Promise<Job | undefined>;
  /** Changes the job if it is in one of `from`, and returns it; undefined when it is not. */
  change(
    jobId: string,
    from: readonly JobState[],
    change: Partial<Job> & { readonly state: JobState },
  ): Promise<Job | undefined>;
  /** Keeps the outcome unless one is kept for this chunk; returns the one that counts. */
  keepOutcome(job: Job, outcome: ChunkOutcome): Promise<ChunkOutcome>;
  findOutcome(jobId: string, index: number): Promise<ChunkOutcome | undefined>;
  /** In the order of the file, strongly consistent. */
  outcomes(jobId: string): Promise<readonly ChunkOutcome[]>;
  /** The job and its outcomes; nothing there is success. */
  remove(jobId: string): Promise<void>;
}

export interface PresignedUpload {
  readonly url: string;
  /** Must be sent exactly: they are part of the signature. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ObjectStat {
  readonly bytes: number;
  /** Changes whenever the object does. */
  readonly etag: string;
}

/** Port: the files of jobs. Everything throws `dependency-unavailable`. */
export interface JobFiles {
  /** A URL that takes exactly `bytes` bytes by PUT, once: what is there is never replaced. */
  presignUpload(key: string, bytes: number, seconds: number): Promise<PresignedUpload>;
  /** A URL that downloads under `fileName` by GET. */
  presignDownload(key: string, fileName: string, seconds: number): Promise<string>;
  /** What an object is; undefined when there is none. */
  stat(key: string): Promise<ObjectStat | undefined>;
  /**
   * The object from its beginning, unpacked on the way when it is gzip: every member of it, and
   * nothing behind the last but zero padding. With `etag` no other object of this key.
   * @throws JobRejected `upload-compression-wrong`, `upload-truncated`, `upload-changed`
   */
  stream(key: string, compression: 'none' | 'gzip', etag?: string): AsyncIterable<Uint8Array>;
  /** @throws JobRejected `upload-changed` */
  read(key: string, start: number, end: number, etag?: string): Promise<Uint8Array>;
  /** Whole or not at all. */
  write(key: string, content: Uint8Array | string, compression: 'none' | 'gzip'): Promise<void>;
  /**
   * One object out of many, in order; it appears whole or not at all. gzip members one behind the
   * other are a gzip file (RFC 1952 §2.2). Returns its bytes.
   */
  join(
    key: string,
    prefix: string,
    parts: readonly string[],
    compression: 'none' | 'gzip',
  ): Promise<number>;
  /** Missing ones are no error. */
  remove(keys: readonly string[]): Promise<void>;
  /** Everything whose key begins so. */
  removeAll(prefixes: readonly string[]): Promise<void>;
}

/** Port: the state machine that works on a job. */
export interface JobRunner {
  /** Twice for the same job is once. Throws `dependency-unavailable`. */
  start(jobId: string): Promise<void>;
  /** Not running is success. */
  stop(jobId: string): Promise<void>;
}

/** Port: `findCertificatesByPpid` of lambdas/people. */
export type FindCertificates = (
  serviceId: string,
  ppid: string,
) => Promise<readonly CertificateReference[]>;
