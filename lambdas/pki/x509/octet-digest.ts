import { hash } from 'node:crypto';

/** SHA-256 of a certificate's octets, Base64; computed once for each certificate object. */
export const octetDigest = (certificate: {
  readonly der: Uint8Array;
  digest?: string | undefined;
}): string => (certificate.digest ??= hash('sha256', certificate.der, 'base64'));
