import type { CertIdHash } from '../x509/cert-id.ts';
import type { Certificate } from '../x509/certificate.ts';

/** A responder that may be asked about the certificates of one trust anchor. */
export interface OcspResponder {
  readonly anchorId: string;
  readonly url: string;
  /** Hash of the CertID that is asked with; SHA-1 unless told, which every responder knows. */
  readonly certIdHash?: CertIdHash;
  /**
   * `required` unless told. `optional` lets a pre-produced answer without a nonce count, bounded by its
   * age alone; `none` sends none.
   */
  readonly nonce?: 'required' | 'optional' | 'none';
  /** Responder certificates, for a responder that embeds none. */
  readonly certificates?: readonly Certificate[];
}
