import type { FindAttributeBaseline } from '../../people/attribute-baseline.ts';
import type { CertificateReference } from '../../people/certificate-reference.ts';
import type { Job, JobState, JobTotals, MalformedCount } from './job.ts';
import type { LineRange } from './split-lines.ts';

/** A chunk as the manifest lists it: an octet range of one object. */
export interface JobChunk extends LineRange {
  /** The upload itself, or the chunk decompressed from it. */
  readonly key: string;
}

/** The outcome of a chunk; the first stored outcome counts, later ones are discarded. */
export interface ChunkOutcome {
  readonly index: number;
  readonly totals: JobTotals;
  /** Absent if no row was malformed. */
  readonly malformed?: readonly MalformedCount[];
  /** Keys of this attempt's rows; absent if there are none. */
  readonly resultKey?: string;
  readonly malformedKey?: string;
  /** By serial: evidence in this chunk about the notation of its serials. */
  readonly serials?: SerialsSeen;
}

/** Number of distinct serials in one chunk, and of those that can only be hex. */
export interface SerialsSeen {
  readonly distinct: number;
  readonly letters: number;
}

/** The part of its service's quota that a job uses until it is deleted. */
export interface JobShare {
  readonly jobId: string;
  readonly owner: string;
  /** Octets stored for its upload or results. */
  readonly bytes: number;
  readonly active: boolean;
  /** The share expires at this time in any case; milliseconds since 1970. */
  readonly until: number;
}

export interface ShareLimits {
  readonly activeJobs: number;
  readonly keptJobs: number;
  readonly storedBytes: number;
}

/** Port: jobs and their chunks. Every method can throw `dependency-unavailable`. */
export interface JobStore {
  /**
   * Reserves a share for a new job, or returns the limit that the service would exceed. Expired
   * shares are released first. Idempotent for each job.
   */
  takeShare(
    share: JobShare,
    limits: ShareLimits,
    now: number,
  ): Promise<keyof ShareLimits | undefined>;
  /** Changes the share of a job that has one; otherwise does nothing. */
  changeShare(share: JobShare): Promise<void>;
  /** Releases a share; succeeds if there is none. */
  giveBackShare(owner: string, jobId: string): Promise<void>;
  /** Stores a new job. If the id exists, the call repeats an earlier one and changes nothing. */
  create(job: Job): Promise<'created' | 'stood'>;
  /** Strongly consistent read. */
  find(jobId: string): Promise<Job | undefined>;
  /** Changes the job if its state is one of `from` and returns it; otherwise undefined. */
  change(
    jobId: string,
    from: readonly JobState[],
    change: Partial<Job> & { readonly state: JobState },
  ): Promise<Job | undefined>;
  /** Stores the outcome unless this chunk has one; returns the stored outcome. */
  keepOutcome(job: Job, outcome: ChunkOutcome): Promise<ChunkOutcome>;
  findOutcome(jobId: string, index: number): Promise<ChunkOutcome | undefined>;
  /** In file order; strongly consistent. */
  outcomes(jobId: string): Promise<readonly ChunkOutcome[]>;
  /** Deletes the job and its outcomes; succeeds if there are none. */
  remove(jobId: string): Promise<void>;
}

export interface PresignedUpload {
  readonly url: string;
  /** Must be sent unchanged: the signature covers them. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ObjectStat {
  readonly bytes: number;
  /** ETag: changes whenever the object does. */
  readonly etag: string;
}

/** Port: the files of jobs. Every method can throw `dependency-unavailable`. */
export interface JobFiles {
  /**
   * A URL that accepts one PUT of exactly `bytes` octets; an existing object is never overwritten.
   */
  presignUpload(key: string, bytes: number, seconds: number): Promise<PresignedUpload>;
  /** A URL for GET that downloads the file as `fileName`. */
  presignDownload(key: string, fileName: string, seconds: number): Promise<string>;
  /** Size and ETag of an object; undefined if it does not exist. */
  stat(key: string): Promise<ObjectStat | undefined>;
  /**
   * Streams the object from its beginning, decompressing gzip: all members, after which only zero
   * padding is accepted. With `etag`, no other version of the object is read.
   * @throws JobRejected `upload-compression-wrong`, `upload-truncated`, `upload-changed`
   */
  stream(key: string, compression: 'none' | 'gzip', etag?: string): AsyncIterable<Uint8Array>;
  /** @throws JobRejected `upload-changed` */
  read(key: string, start: number, end: number, etag?: string): Promise<Uint8Array>;
  /** Atomic. */
  write(key: string, content: Uint8Array | string, compression: 'none' | 'gzip'): Promise<void>;
  /**
   * Concatenates objects, in order, into one object that appears atomically. Concatenated gzip
   * members form a gzip file (RFC 1952 §2.2). Returns its size in octets.
   */
  join(
    key: string,
    prefix: string,
    parts: readonly string[],
    compression: 'none' | 'gzip',
  ): Promise<number>;
  /** Missing objects are not an error. */
  remove(keys: readonly string[]): Promise<void>;
  /** Deletes every object with this key prefix. */
  removeAll(prefixes: readonly string[]): Promise<void>;
}

/** Port: the state machine that processes a job. */
export interface JobRunner {
  /** Idempotent for each job. Throws `dependency-unavailable`. */
  start(jobId: string): Promise<void>;
  /** Succeeds if the job is not running. */
  stop(jobId: string): Promise<void>;
}

/** Port: `findCertificatesByPpid` of lambdas/people. */
export type FindCertificates = (
  serviceId: string,
  ppid: string,
) => Promise<readonly CertificateReference[]>;

/** Port: `findAttributeBaseline` of lambdas/people. */
export type FindBaseline = FindAttributeBaseline;
