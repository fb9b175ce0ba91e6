import type { RevocationReason } from '../../pki/revocation/revocation-status.ts';

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
}

export interface RevokedEntry {
  /** Milliseconds since 1970, whole seconds. */
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/** Port: the store of ingested lists, as the validator and the bulk check read it. */
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
