import type { RevocationReason, UnknownReason } from '../../pki/revocation/revocation-status.ts';
import type { SerialFormat } from '../../crl-store/lookup/parse-serials.ts';
import type { Generation } from '../../crl-store/lookup/stored-lists.ts';

/** What the rows of the file name. */
export type JobSubject = 'serial' | 'ppid';
export type JobFormat = 'csv' | 'ndjson';
export type JobCompression = 'none' | 'gzip';
/** `not-good`: the result names only revoked and unknown rows; the totals count all. */
export type JobRows = 'all' | 'not-good';

export interface JobRequest {
  readonly format: JobFormat;
  readonly compression: JobCompression;
  readonly by: JobSubject;
  readonly rows: JobRows;
  /** Exact size of the file that will be uploaded, in bytes; the upload URL takes no other. */
  readonly uploadBytes: number;
  /** Issuer key id for rows that name no issuer. */
  readonly issuerKeyId?: string;
  /** How the file writes serials; left open, hex where the file shows that it is. */
  readonly serialFormat?: SerialFormat;
  /** CSV: the column of the identifier, by its name in the header or counted from 1. */
  readonly column?: string | number;
  /** The service may read when a certificate was revoked, and not why. */
  readonly withoutReasons?: true;
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

/** Why a job failed; those that begin with `upload` are the uploader's to mend. */
export type JobFailure =
  | 'upload-compression-wrong'
  | 'upload-truncated'
  | 'upload-expands-too-far'
  | 'upload-encoding-unsupported'
  | 'upload-line-too-long'
  | 'upload-too-large'
  | 'upload-columns-missing'
  | 'upload-columns-ambiguous'
  | 'upload-serials-ambiguous'
  | 'upload-changed'
  | 'upload-empty'
  | 'timed-out'
  | 'internal-error';

/** One job as its owner sees it. Times in ms since 1970. */
export interface Job extends JobRequest {
  readonly jobId: string;
  /** Service id, or client id of the operator: nobody else finds the job. */
  readonly owner: string;
  readonly state: JobState;
  readonly createdAt: number;
  readonly startedAt?: number;
  /** The object that was there when the job started: it is answered from no other. */
  readonly uploadEtag?: string;
  readonly finishedAt?: number;
  readonly expiresAt: number;
  /** Known once planned. */
  readonly chunks?: number;
  /** Lines of the file, with empty lines and the header. */
  readonly lines?: number;
  /** What every chunk answers from, pinned when the job was planned. */
  readonly pinned?: PinnedIssuers;
  readonly columns?: Columns;
  readonly totals?: JobTotals;
  readonly failure?: JobFailure;
}

/** Every trusted issuer by its key id, with the list that speaks for it, or why none does. */
export interface PinnedIssuers {
  /** The time that every answer of the job is about, in ms since 1970. */
  readonly checkedAt: number;
  readonly issuers: readonly PinnedIssuer[];
}

export interface PinnedIssuer {
  /** Trust anchor name, as a file may say it. */
  readonly name: string;
  readonly issuerKeyId: string;
  readonly list: Generation | { readonly why: UnknownRow };
}

/** Where a CSV line says what; positions from 0. */
export interface Columns {
  readonly identifier: number;
  readonly issuer?: number;
  /** How many columns there are: a row with more is two records that lost what parted them. */
  readonly count?: number;
}

/**
 * Every row of the file counts in exactly one of good, revoked, unknown and malformed. Rows that name
 * the same certificate twice are answered twice: the result joins back to the file by line number.
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

/** Why one row could not be read. The row itself is never repeated, only its line number. */
export type MalformedRow =
  | 'row-malformed'
  | 'quote-unclosed'
  | 'member-repeated'
  | 'serial-missing'
  | 'serial-malformed'
  | 'ppid-missing'
  | 'ppid-malformed'
  | 'issuer-missing'
  | 'issuer-unknown';

/** The answer for one row. */
export type RowAnswer =
  | { readonly status: 'good' }
  | {
      readonly status: 'revoked';
      /** Milliseconds since 1970. */
      readonly revokedAt: number;
      readonly reason: RevocationReason;
    }
  | { readonly status: 'unknown'; readonly why: UnknownRow };

/** Why no list answered; or this service issued no such PPID, or the person left. */
export type UnknownRow = UnknownReason | 'ppid-unknown';
