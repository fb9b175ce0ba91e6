import { createHash } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import type { CertId } from './ocsp.ts';
import { sameBytes } from './octets.ts';

/** What a CertID says of a certificate besides its issuer's key; its own key where it is at hand. */
export type CertificateName = Pick<Certificate, 'issuer' | 'serial'> &
  Partial<Pick<Certificate, 'spki'>>;

/** The hashes that a CertID is made and recognised with. */
export type CertIdHash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

export const certIdHashes: Readonly<
  Record<CertIdHash, { readonly oid: string; readonly digest: string }>
> = {
  'SHA-1': { oid: '1.3.14.3.2.26', digest: 'sha1' },
  'SHA-256': { oid: '2.16.840.1.101.3.4.2.1', digest: 'sha256' },
  'SHA-384': { oid: '2.16.840.1.101.3.4.2.2', digest: 'sha384' },
  'SHA-512': { oid: '2.16.840.1.101.3.4.2.3', digest: 'sha512' },
};

/**
 * The two hashes that name an issuer (RFC 6960 §4.1.1): over the issuer field of the certificate in
 * question, and over the issuer's subjectPublicKey bits. The hash identifies and protects nothing, so
 * SHA-1 is allowed here whatever the algorithm policy says (§4.3).
 */
export function issuerHashes(
  hash: CertIdHash,
  certificate: CertificateName,
  issuer: Certificate,
): { readonly nameHash: Uint8Array; readonly keyHash: Uint8Array } {
  const digest = (bytes: Uint8Array): Uint8Array =>
    createHash(certIdHashes[hash].digest).update(bytes).digest();
  return { nameHash: digest(certificate.issuer.der), keyHash: digest(issuer.keyBits) };
}

/** Does the CertID name this certificate of this issuer key? Unknown hashes never match. */
export function certIdMatches(
  certId: CertId,
  certificate: CertificateName,
  issuer: Certificate,
): boolean {
  const hash = (Object.keys(certIdHashes) as CertIdHash[]).find(
    (name) => certIdHashes[name].oid === certId.hashAlgorithm,
  );
  if (!hash || !sameBytes(certId.serial, certificate.serial)) return false;
  const { nameHash, keyHash } = issuerHashes(hash, certificate, issuer);
  return sameBytes(certId.issuerNameHash, nameHash) && sameBytes(certId.issuerKeyHash, keyHash);
}
