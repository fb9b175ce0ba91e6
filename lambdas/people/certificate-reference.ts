/** Identifies a certificate globally: the issuer's key and the serial number. Restricted data. */
export interface CertificateReference {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex. */
  readonly issuerKeyId: string;
  /** Content octets of the serial number's INTEGER. */
  readonly serial: Uint8Array;
  /**
   * notAfter in milliseconds since 1970; known only for certificates that were presented to this
   * platform.
   */
  readonly validUntil?: number;
  /**
   * `scope` of the partial list that has the certificate (SHA-256 of its DistributionPointName, hex);
   * known only where the linkage service names the distribution point.
   */
  readonly listScope?: string;
}

export const sameCertificate = (one: CertificateReference, other: CertificateReference): boolean =>
  one.issuerKeyId === other.issuerKeyId && Buffer.compare(one.serial, other.serial) === 0;

/** The serialised form of a reference in a sealed record. */
export interface KeptReference {
  readonly issuerKeyId: string;
  /** Lower-case hex. */
  readonly serial: string;
  readonly validUntil?: number;
  readonly listScope?: string;
}

export const keptReference = (reference: CertificateReference): KeptReference => ({
  issuerKeyId: reference.issuerKeyId,
  serial: Buffer.from(reference.serial).toString('hex'),
  ...(reference.validUntil !== undefined && { validUntil: reference.validUntil }),
  ...(reference.listScope !== undefined && { listScope: reference.listScope }),
});

export const referenceOf = (kept: KeptReference): CertificateReference => ({
  issuerKeyId: kept.issuerKeyId,
  serial: Buffer.from(kept.serial, 'hex'),
  ...(kept.validUntil !== undefined && { validUntil: kept.validUntil }),
  ...(kept.listScope !== undefined && { listScope: kept.listScope }),
});
