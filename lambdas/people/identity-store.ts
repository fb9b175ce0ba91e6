/**
 * The identity table: sealed records under opaque keys. `layout.ts` defines their meaning; the
 * store handles only keys, octets and conditions.
 */
export interface RecordKey {
  readonly pk: string;
  readonly sk: string;
}

export interface RecordContent extends RecordKey {
  /** `seal` of the record's value. */
  readonly sealed: Uint8Array;
  /** `seal` of the owner of the record, with another key than the value. */
  readonly owner?: Uint8Array;
  /** Seconds since 1970 (DynamoDB TTL); the record is deleted some time after it. */
  readonly expiresAt?: number;
}

export interface IdentityRecord extends RecordContent {
  /**
   * Identifies the write that produced this version of the record; conditional writes refer to it.
   */
  readonly token: string;
}

export type RecordChange =
  /** The record must not exist. */
  | { readonly change: 'create'; readonly record: RecordContent }
  /** The record must be unchanged since it was read. */
  | { readonly change: 'replace'; readonly record: RecordContent; readonly was: string }
  /** The record must be unchanged since it was read, or deleted. */
  | { readonly change: 'delete'; readonly key: RecordKey; readonly was: string }
  /** The record must be unchanged since it was read; it is only checked, not written. */
  | { readonly change: 'none'; readonly key: RecordKey; readonly was: string };

export interface ListPage {
  /** The `sk` of the last record of the previous page. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Port: records about people. Every method can throw `dependency-unavailable`. */
export interface IdentityStore {
  /** Strongly consistent read. */
  read(key: RecordKey): Promise<IdentityRecord | undefined>;
  /**
   * The records of a partition whose `sk` has this prefix, in order of `sk`; strongly consistent.
   * All of them, or with `page` at most `limit` of those behind `after`.
   */
  list(pk: string, skPrefix: string, page?: ListPage): Promise<readonly IdentityRecord[]>;
  /**
   * Applies all changes or none; at most `peopleLimits.changesPerWrite`. False: a condition failed,
   * read again. A retry after a lost response recognises its own write and returns true.
   */
  write(changes: readonly RecordChange[]): Promise<boolean>;
}

/** One of several scans that together read the whole table. */
export interface ScanPart {
  /** From 0. */
  readonly segment: number;
  readonly segments: number;
  /** Records of a page, at most. */
  readonly limit: number;
}

/** Port: a scan of all records, for re-sealing and clean-up. */
export interface IdentityScan {
  scan(
    from?: unknown,
    part?: ScanPart,
  ): Promise<{ readonly records: readonly IdentityRecord[]; next?: unknown }>;
}

/** Port: part of a partition in the order of its sort keys, for the feeds of services. */
export interface IdentityRange {
  /** The first `limit` records with `from` ≤ `sk` ≤ `to`, in order of `sk`; strongly consistent. */
  range(pk: string, from: string, to: string, limit: number): Promise<readonly IdentityRecord[]>;
}

/** Port: which of many records exist. Strongly consistent; throws `dependency-unavailable`. */
export interface IdentityIndex {
  existing(keys: readonly RecordKey[]): Promise<readonly RecordKey[]>;
}
