/** What names a certificate among all: the issuer's key and the serial. Restricted data. */
export interface CertificateReference {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex. */
  readonly issuerKeyId: string;
  /** Content octets of the INTEGER. */
  readonly serial: Uint8Array;
  /** Milliseconds since 1970; known of certificates that were presented here. */
  readonly validUntil?: number;
}
