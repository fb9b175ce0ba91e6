import type { CertificateReference } from './certificate-reference.ts';

/**
 * Port: the linkage service of J-LIS. Every failure or ambiguous answer throws
 * `linkage-unavailable`, as does an answer that is incomplete after `timeoutMs`. Implementations
 * never assume a result.
 */
export interface Linkage {
  /** 新旧紐付け: the person's previous certificate. Undefined: this is the first. */
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
   * `renewed`: the new certificate replaces it. `beside`: both remain in use, such as a card's and
   * a phone's certificate.
   */
  readonly relation: 'renewed' | 'beside';
}

export type LinkedSignatureCertificate =
  | { readonly reference: CertificateReference }
  /** Why there is none, as the linkage service states it. */
  | { readonly reference: undefined; readonly reason: string };
