import type {
  RevocationMethod,
  RevocationReason,
  UnknownReason,
} from '../../pki/revocation/revocation-status.ts';
import type { MalformedSerial } from '../../crl-store/lookup/malformed-serials.ts';
import type { SerialFormat } from '../../crl-store/lookup/parse-serials.ts';
import type { Generation } from '../../crl-store/lookup/stored-lists.ts';

/** The kind of identifier in the rows. */
export type JobSubject = 'serial' | 'ppid';
export type JobFormat = 'csv' | 'ndjson';
export type JobCompression = 'none' | 'gzip';
/** `not-good`: the result contains only rows that are not good; the totals count all. */
export type JobRows = 'all' | 'not-good';

/** What is asked of every row: whether a certificate is revoked, or whether attributes changed. */
export type JobQuestion = 'revocation' | 'attributes';

export interface JobRequest {
  readonly format: JobFormat;
  readonly compression: JobCompression;
  readonly by: JobSubject;
  readonly rows: JobRows;
  /** `revocation` if absent. */
  readonly ask?: JobQuestion;
  /**
   * Where attributes are asked: as the method of a single question. Absent: by the full lists alone,
   * fixed at planning.
   */
  readonly method?: RevocationMethod;
  /** Exact size of the uploaded file in octets; the upload URL accepts no other size. */
  readonly uploadBytes: number;
  /** Issuer key id for rows without an issuer. */
  readonly issuerKeyId?: string;
  /** Notation of serials in the file; absent: hex, if the file contains evidence of it. */
  readonly serialFormat?: SerialFormat;
  /** CSV: the column of the identifier, by its header name or its position from 1. */
  readonly column?: string | number;
  /** The service may read when a certificate was revoked, and not why. */
  readonly withoutReasons?: true;
  /** Serials that the service may check in a day, at the job's creation; absent: the deployment's. */
  readonly identifiersPerDay?: number;
}

/**
 * ```
 * awaiting-upload → planning → checking → finishing → completed
 *        └──────────────┴─────────┴───────────┴─────→ cancelled | failed
 * ```
 */
export type JobState =
  | 'awaiting-upload'
  | 'planning'
  | 'checking'
  | 'finishing'
  | 'completed'
  | 'cancelled'
  | 'failed';

/** States in which an execution works on the job. */
export const activeStates: readonly JobState[] = ['planning', 'checking', 'finishing'];

/**
 * Why a job failed; reasons that begin with `upload` are corrected by the uploader.
 * `identifiers-quota-exceeded`: the service's quota of the day for serials does not hold its rows.
 */
export type JobFailure =
  | 'upload-compression-wrong'
  | 'upload-truncated'
  | 'upload-expands-too-far'
  | 'upload-encoding-unsupported'
  | 'upload-format-wrong'
  | 'upload-line-too-long'
  | 'upload-too-large'
  | 'upload-too-large-for-ocsp'
  | 'upload-quote-open'
  | 'upload-columns-missing'
  | 'upload-columns-ambiguous'
  | 'upload-serials-ambiguous'
  | 'upload-changed'
  | 'upload-empty'
  | 'identifiers-quota-exceeded'
  | 'timed-out'
  | 'internal-error';

/** A job as its owner sees it. Times in ms since 1970. */
export interface Job extends JobRequest {
  readonly jobId: string;
  /** Service id, or client id of the operator; other callers get `job-not-found`. */
  readonly owner: string;
  readonly state: JobState;
  readonly createdAt: number;
  readonly startedAt?: number;
  /** ETag of the upload when the job started: no other object is used. */
  readonly uploadEtag?: string;
  readonly finishedAt?: number;
  readonly expiresAt: number;
  /** Set once planned. */
  readonly chunks?: number;
  /** Lines in the file, including empty lines and the header. */
  readonly lines?: number;
  /** The lists that every chunk uses, fixed at planning. */
  readonly pinned?: PinnedIssuers;
  readonly columns?: Columns;
  readonly totals?: JobTotals;
  /** Why rows were malformed; set with `totals`, absent if none was. */
  readonly malformed?: readonly MalformedCount[];
  readonly failure?: JobFailure;
  /** What to do, where this file's failure needs other words than `failureCures`. */
  readonly failureDetail?: string;
}

/** Every trusted issuer by its key id, with its current list or the reason why there is none. */
export interface PinnedIssuers {
  /** The time at which every status of the job is judged, in ms since 1970. */
  readonly checkedAt: number;
  readonly issuers: readonly PinnedIssuer[];
}

export interface PinnedIssuer {
  /** Trust anchor name, as rows may state it. */
  readonly name: string;
  readonly issuerKeyId: string;
  readonly list: Generation | { readonly why: UnknownReason };
}

/** Column positions of a CSV line, from 0. */
export interface Columns {
  readonly identifier: number;
  readonly issuer?: number;
  /** Number of columns: a row with more may be two records whose line break was lost. */
  readonly count?: number;
}

/**
 * Counts of rows; each row counts in exactly one of good, revoked, unknown and malformed. Where
 * attributes are asked, unchanged counts as good and changed as revoked. Every row
 * is answered, including duplicates: line numbers relate the result to the file.
 */
export interface JobTotals {
  readonly rows: number;
  readonly good: number;
  readonly revoked: number;
  readonly unknown: number;
  readonly malformed: number;
}

export const noRows: JobTotals = { rows: 0, good: 0, revoked: 0, unknown: 0, malformed: 0 };

export function addTotals(a: JobTotals, b: JobTotals): JobTotals {
  return {
    rows: a.rows + b.rows,
    good: a.good + b.good,
    revoked: a.revoked + b.revoked,
    unknown: a.unknown + b.unknown,
    malformed: a.malformed + b.malformed,
  };
}

/** Why a row could not be read. Only its line number is reported, never its content. */
export type MalformedRow =
  | 'row-malformed'
  | 'member-repeated'
  | 'serial-missing'
  | MalformedSerial
  | 'ppid-missing'
  | 'ppid-malformed'
  | 'issuer-missing'
  | 'issuer-unknown';

/** How many rows could not be read for one reason, and the line of the first, from 1. */
export interface MalformedCount {
  readonly code: MalformedRow;
  readonly rows: number;
  readonly firstLine: number;
}

/** The result for one row. */
export type RowAnswer =
  | { readonly status: 'good' }
  | {
      readonly status: 'revoked';
      /** Milliseconds since 1970. */
      readonly revokedAt: number;
      readonly reason: RevocationReason;
    }
  | { readonly status: 'unknown'; readonly why: UnknownRow };

/**
 * For unknown: why no list answered, or that this service has no such PPID or the person was
 * deleted.
 */
export type UnknownRow = UnknownReason | 'ppid-unknown';
