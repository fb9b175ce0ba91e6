import type { RevocationReason } from './revocation-status.ts';

/** An issuer key and the part of its certificates that one list speaks for. */
export interface ListScope {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex: the issuer key id. */
  readonly issuerKeyId: string;
  /** `full`, or SHA-256 (hex) of the DistributionPointName's DER as the IDP and the certificate carry it. */
  readonly scope: string;
}

/** One complete, verified list as it serves now. Times in ms since 1970. */
export interface Generation extends ListScope {
  readonly sourceId: string;
  readonly generationId: string;
  /** Decimal. */
  readonly crlNumber: string;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly entries: number;
  readonly bytes: number;
  readonly ingestedAt: number;
  /** The list leaves out authorities (onlyContainsUserCerts); undefined where that was not kept. */
  readonly onlyUserCertificates?: boolean;
}

export interface RevokedEntry {
  /** Milliseconds since 1970, whole seconds. */
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/**
 * Port: a store of lists that were verified when they came in. Every call may throw an `Error` whose
 * `code` is `dependency-unavailable`.
 */
export interface StoredLists {
  /** The generation that serves a scope now; undefined when none was ever ingested. */
  current(scope: ListScope): Promise<Generation | undefined>;
  /** Every generation that serves now, for sources and freshness. */
  all(): Promise<readonly Generation[]>;
  /**
   * Looks serials (content octets of the INTEGER) up in one generation. The answer is parallel to
   * `serials`; undefined means: not on the list. Throws `dependency-unavailable`.
   */
  lookup(
    generation: Generation,
    serials: readonly Uint8Array[],
  ): Promise<readonly (RevokedEntry | undefined)[]>;
}
