/** A key of one family in one version: for indexes and for seals apart. */
export interface DerivedKey {
  /** Stands in every record that was made with it. */
  readonly version: number;
  readonly mac: Uint8Array;
  /** AES-256. */
  readonly seal: Uint8Array;
}

/**
 * Port: the three families of keys, each key derived by one KMS MAC and kept while a function is warm.
 * Without a version: the current one. Everything throws `dependency-unavailable`.
 */
export interface IdentityKeys {
  /** The current version first, then the one before it while records are re-sealed. */
  readonly versions: readonly number[];
  /** Finds a subject by a certificate. */
  index(version?: number): Promise<DerivedKey>;
  /** What one service has of its persons. */
  service(serviceId: string, version?: number): Promise<DerivedKey>;
  /** Serials and history of the subjects in one bucket. */
  bucket(bucket: number, version?: number): Promise<DerivedKey>;
  /** A bucket for a new subject, drawn at random among those whose keys are at hand. */
  bucketForNewSubject(): Promise<number>;
}

/** One stolen bucket key opens the history of one person in so many. */
export const buckets = 4_096;
