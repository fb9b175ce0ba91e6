import type { CertIdHash } from '../x509/cert-id.ts';
import type { Certificate } from '../x509/certificate.ts';

/** A responder for the certificates of one trust anchor. */
export interface OcspResponder {
  readonly anchorId: string;
  readonly url: string;
  /** Hash algorithm of the request's CertID. Default: SHA-1, which every responder supports. */
  readonly certIdHash?: CertIdHash;
  /**
   * Default: `required`. `optional` sends a nonce and also accepts a pre-produced response without one,
   * which only its age then bounds. `none` sends no nonce.
   */
  readonly nonce?: 'required' | 'optional' | 'none';
  /** Responder certificates, for responses that embed none. */
  readonly certificates?: readonly Certificate[];
}
