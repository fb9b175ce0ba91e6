import type { CertificateReference } from './certificate-reference.ts';

/**
 * Port: the linkage service of J-LIS. Any doubt is `linkage-unavailable`, and so is an answer that is
 * not whole after `timeoutMs`; nothing is ever guessed.
 */
export interface Linkage {
  /** 新旧紐付け: the certificate of the same person that came before; undefined: it is the first. */
  predecessorOf(
    reference: CertificateReference,
    timeoutMs: number,
  ): Promise<Predecessor | undefined>;
  /** 証明書紐付け: the signature certificate of the same card. */
  signatureCertificateOf(
    reference: CertificateReference,
    timeoutMs: number,
  ): Promise<LinkedSignatureCertificate>;
}

export interface Predecessor {
  readonly reference: CertificateReference;
  /**
   * `renewed`: it is replaced by the new one. `beside`: both stay in use, as the phone's certificate
   * beside the card's.
   */
  readonly relation: 'renewed' | 'beside';
}

export type LinkedSignatureCertificate =
  | { readonly reference: CertificateReference }
  /** Why there is none, in the linkage service's word. */
  | { readonly reference: undefined; readonly reason: string };
