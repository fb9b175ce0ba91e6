import { hash } from 'node:crypto';

const digests = new WeakMap<object, string>();

/** SHA-256 of a certificate's octets, Base64; computed once for each certificate object. */
export function octetDigest(certificate: { readonly der: Uint8Array }): string {
  let digest = digests.get(certificate);
  if (digest === undefined) {
    digests.set(certificate, (digest = hash('sha256', certificate.der, 'base64')));
  }
  return digest;
}
