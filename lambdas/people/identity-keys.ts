import type { KeyObject } from 'node:crypto';

/** One version of a derived key; indexing and sealing use separate keys. */
export interface DerivedKey {
  /** Every record made with this key names this version. */
  readonly version: number;
  /** HMAC key. Node prepares a `KeyObject` once, octets anew at every use. */
  readonly mac: KeyObject | Uint8Array;
  /** AES-256 key. */
  readonly seal: KeyObject | Uint8Array;
}

/**
 * Port: the three key families. Each key is derived with one KMS MAC and cached while the function
 * is warm. Without a version, methods use the current one. Every method can throw
 * `dependency-unavailable`.
 */
export interface IdentityKeys {
  /** The current version, then the previous one while records are being re-sealed. */
  readonly versions: readonly number[];
  /** Locates a subject by certificate. */
  index(version?: number): Promise<DerivedKey>;
  /** Protects a service's entries about its users. */
  service(serviceId: string, version?: number): Promise<DerivedKey>;
  /** Protects serial numbers and certificate history of the subjects in one bucket. */
  bucket(bucket: number, version?: number): Promise<DerivedKey>;
  /** A random bucket for a new subject, chosen from those whose keys are cached. */
  bucketForNewSubject(): Promise<number>;
}

/** Number of buckets: a leaked bucket key exposes the history of one in this many people. */
export const buckets = 4_096;
