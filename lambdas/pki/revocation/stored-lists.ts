import { hash } from 'node:crypto';
import type { RevocationReason } from './revocation-status.ts';

/** An issuer key and the scope of one of its CRLs. */
export interface ListScope {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex: the issuer key id. */
  readonly issuerKeyId: string;
  /** `full`, or SHA-256 (hex) of the DistributionPointName's DER, the same in the IDP and in the certificate. */
  readonly scope: string;
}

/** The scope of the CRL of a distribution point. @param der its DistributionPointName (RFC 5280 §4.2.1.13) */
export const scopeOfDistributionPoint = (der: Uint8Array): string => hash('sha256', der, 'hex');

/** One complete, verified CRL that lookups use now. Times in ms since 1970. */
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
  /** onlyContainsUserCerts of the IDP; undefined when it was not recorded. */
  readonly onlyUserCertificates?: boolean;
}

export interface RevokedEntry {
  /** Milliseconds since 1970, whole seconds. */
  readonly revokedAt: number;
  readonly reason: RevocationReason;
}

/**
 * Port: a store of CRLs that were verified at ingestion. Every call may throw an `Error` whose `code` is
 * `dependency-unavailable`.
 */
export interface StoredLists {
  /** The current generation of a scope; undefined when none was ever ingested. */
  current(scope: ListScope): Promise<Generation | undefined>;
  /** Every current generation, to report sources and freshness. */
  all(): Promise<readonly Generation[]>;
  /**
   * Looks up serial numbers (content octets of the INTEGER) in one generation. The result has the order
   * of `serials`; undefined means not on the CRL. Throws `dependency-unavailable`.
   */
  lookup(
    generation: Generation,
    serials: readonly Uint8Array[],
  ): Promise<readonly (RevokedEntry | undefined)[]>;
}
