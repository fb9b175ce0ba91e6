/**
 * What the identity table holds: sealed records under keys that say nothing. What they mean is written
 * in `layout.ts`; the store knows only names, octets and conditions.
 */
export interface RecordKey {
  readonly pk: string;
  readonly sk: string;
}

export interface RecordContent extends RecordKey {
  /** `seal` of the record's value. */
  readonly sealed: Uint8Array;
  /** `seal` of what the record belongs to, under another key than the value. */
  readonly owner?: Uint8Array;
  /** Seconds since 1970; the record goes at some time after it. */
  readonly expiresAt?: number;
}

export interface IdentityRecord extends RecordContent {
  /** Names the write that made the record what it is; a later write names it as its condition. */
  readonly token: string;
}

export type RecordChange =
  /** There is none yet. */
  | { readonly change: 'create'; readonly record: RecordContent }
  /** It still is what was read. */
  | { readonly change: 'replace'; readonly record: RecordContent; readonly was: string }
  /** It still is what was read, or is gone. */
  | { readonly change: 'delete'; readonly key: RecordKey; readonly was: string }
  /** It still is what was read; nothing is written to it. */
  | { readonly change: 'none'; readonly key: RecordKey; readonly was: string };

/** Port: records of persons. Everything throws `dependency-unavailable`. */
export interface IdentityStore {
  /** Strongly consistent. */
  read(key: RecordKey): Promise<IdentityRecord | undefined>;
  /** All records of a partition whose `sk` begins so, strongly consistent. */
  list(pk: string, skPrefix: string): Promise<readonly IdentityRecord[]>;
  /**
   * All changes or none, `peopleLimits.changesPerWrite` at most. False: a condition did not hold, look again. A write
   * that is repeated because its answer was lost recognises itself and is true.
   */
  write(changes: readonly RecordChange[]): Promise<boolean>;
}

/** Port: a walk over all records, for re-sealing and sweeps. */
export interface IdentityScan {
  scan(from?: unknown): Promise<{ readonly records: readonly IdentityRecord[]; next?: unknown }>;
}
