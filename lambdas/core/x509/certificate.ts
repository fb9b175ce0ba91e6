import type { AlgorithmIdentifier } from './algorithm-identifier.ts';
import type { Extension } from './extensions.ts';
import type { DistinguishedName } from './name.ts';

/** A parsed certificate (RFC 5280 §4.1): views into the bytes it came from, nothing copied. */
export interface Certificate {
  /** The whole certificate. */
  readonly der: Uint8Array;
  /** The bytes that the issuer signed. */
  readonly tbs: Uint8Array;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Content octets of the serial INTEGER. */
  readonly serial: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The algorithm inside the TBS; RFC 5280 §4.1.1.2 wants both alike. */
  readonly tbsSignatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  readonly keyAlgorithm: AlgorithmIdentifier;
  /** The subjectPublicKey bits (whole octets). */
  readonly keyBits: Uint8Array;
  /** In order of appearance. Decoded lazily by the functions of `extensions.ts`. */
  readonly extensions: readonly Extension[];
}
