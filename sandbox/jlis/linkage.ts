import type { Authority } from './authority.ts';
import { listPoint, municipalityOf } from './municipalities.ts';
import { cardOf, findCertificate, newestCertificate, serialHex } from './registry.ts';
import type { CertificateRecord, Registry } from './registry.ts';

/** A certificate as identified by the linkage service. */
export interface CertificateReference {
  /** SHA-256 of the issuer's SubjectPublicKeyInfo, lower-case hex. */
  readonly issuerKeyId: string;
  /** Content octets of the serial, lower-case hex. */
  readonly serial: string;
}

/** With the DistributionPointName of the certificate, DER in base64: its municipality's list. */
export interface SignatureReference extends CertificateReference {
  readonly distributionPoint: string;
}

export interface LinkageService {
  /** 新旧紐付け; undefined: this certificate was not issued here. */
  renewals(asked: CertificateReference): { predecessor: CertificateReference | null } | undefined;
  /** 証明書紐付け: the newest signature certificate of the same card, whatever its state. */
  signatureCertificates(
    asked: CertificateReference,
  ): { signature: SignatureReference | null; reason?: string } | undefined;
}

export function createLinkage(
  registry: Registry,
  authorities: readonly Authority[],
): LinkageService {
  const find = (asked: CertificateReference): CertificateRecord | undefined => {
    const authority = authorities.find(({ keyId }) => keyId === asked.issuerKeyId);
    if (authority?.kind !== 'user-authentication') return undefined;
    return findCertificate(registry, authority.id, Number.parseInt(asked.serial, 16));
  };
  const reference = (link: { anchorId: string; serial: number }): CertificateReference => ({
    issuerKeyId: authorities.find(({ id }) => id === link.anchorId)!.keyId,
    serial: serialHex(link.serial),
  });
  return {
    renewals: (asked) => {
      const record = find(asked);
      if (!record) return undefined;
      return { predecessor: record.predecessor ? reference(record.predecessor) : null };
    },
    signatureCertificates: (asked) => {
      const record = find(asked);
      if (!record) return undefined;
      const slot = cardOf(registry, record.cardId).slots['digital-signature'];
      if (!slot) return { signature: null, reason: 'not-issued' };
      const newest = newestCertificate(registry, slot);
      const point = listPoint('digital-signature', municipalityOf(newest.municipality));
      return {
        signature: { ...reference(newest), distributionPoint: point.toString('base64') },
      };
    },
  };
}
