import { createHash } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import type { CertId } from './ocsp.ts';
import { sameBytes } from './octets.ts';

/** Issuer and serial number of a certificate, for comparison with a CertID; `spki` if it is known. */
export type CertificateName = Pick<Certificate, 'issuer' | 'serial'> &
  Partial<Pick<Certificate, 'spki'>>;

/** Supported hash algorithms of a CertID. */
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
 * issuerNameHash and issuerKeyHash (RFC 6960 §4.1.1): over the issuer field of the certificate in question
 * and over the issuer's subjectPublicKey bits. The hashes only identify the issuer, so SHA-1 is allowed
 * regardless of the algorithm policy (§4.3).
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

/** Whether the CertID identifies this certificate of this issuer key; unknown hash algorithms never match. */
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
