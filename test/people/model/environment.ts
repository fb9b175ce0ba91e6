import type { CrlEntryTemplate } from '../../../sandbox/pki/build-crl.ts';
import { createAuthority, issuerKeyIdFor, type Authority } from '../../crl-store/list-fixtures.ts';
import type { CertificateReference } from '../../../lambdas/people/certificate-reference.ts';

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;
export const yearMs = 365 * dayMs;
export const start = Date.UTC(2026, 10, 22, 12);

/** `svc_d` and `svc_e` are of one sector. */
export const services = [
  { serviceId: 'svc_a', sectorId: 'sec_a' },
  { serviceId: 'svc_b', sectorId: 'sec_b' },
  { serviceId: 'svc_c', sectorId: 'sec_c' },
  { serviceId: 'svc_d', sectorId: 'sec_d' },
  { serviceId: 'svc_e', sectorId: 'sec_d' },
] as const;

export type Service = (typeof services)[number];

export const authorities: Readonly<Record<'user' | 'signature', Authority>> = {
  user: createAuthority('ua'),
  signature: createAuthority('sig', 2),
};
export const issuerKeyIds = {
  user: issuerKeyIdFor(authorities.user),
  signature: issuerKeyIdFor(authorities.signature),
};

/** Four octets, as today's. */
const firstSerial = 0x0200_0000;

export const referenceTo = (
  kind: 'user' | 'signature',
  serial: number,
  validUntil?: number,
): CertificateReference => ({
  issuerKeyId: issuerKeyIds[kind],
  serial: Buffer.from((firstSerial + serial).toString(16).padStart(8, '0'), 'hex'),
  ...(validUntil !== undefined && { validUntil }),
});

export const numberOf = ({ serial }: Pick<CertificateReference, 'serial'>): number =>
  Buffer.from(serial).readUInt32BE() - firstSerial;

export interface Predecessor {
  readonly serial: number;
  readonly relation: 'renewed' | 'beside';
}

/** A user-authentication certificate as J-LIS has it. */
export interface Certificate {
  readonly serial: number;
  readonly validUntil: number;
  readonly predecessor: Predecessor | undefined;
  /** Of the card's signature certificate; phones and under-15s have none. */
  signature: number | undefined;
  successor: number | undefined;
}

/** CRL reason codes of RFC 5280 §5.3.1 that J-LIS uses. */
export const reasonCodes = { keyCompromise: 1, affiliationChanged: 3, superseded: 4 } as const;
export type Reason = keyof typeof reasonCodes;

/** What J-LIS knows, and what its linkage service says of it. */
export class Authorities {
  readonly certificates: Certificate[] = [];
  readonly told = new Map<number, Predecessor>();
  readonly revoked: Record<'user' | 'signature', Map<number, { reason: Reason; at: number }>> = {
    user: new Map(),
    signature: new Map(),
  };
  outage = false;
  persons = 0;
  #nextSignature = 0;

  issue(now: number, adult: boolean, predecessor?: Predecessor, told = true): Certificate {
    const serial = this.certificates.length + 1;
    if (predecessor === undefined) this.persons += 1;
    const certificate: Certificate = {
      serial,
      validUntil: now + 5 * yearMs,
      predecessor,
      signature: adult ? (this.#nextSignature += 1) : undefined,
      successor: undefined,
    };
    this.certificates.push(certificate);
    if (predecessor && told) this.told.set(serial, predecessor);
    return certificate;
  }

  /** A renewal or a replacement: the former card's two certificates are revoked as superseded. */
  succeed(old: Certificate, now: number, told: boolean): void {
    if (old.successor !== undefined) return;
    const predecessor: Predecessor = { serial: old.serial, relation: 'renewed' };
    const adult = old.signature !== undefined;
    old.successor = this.issue(now, adult, predecessor, told).serial;
    this.revoke('user', old.serial, 'superseded', now);
    if (old.signature !== undefined) this.revoke('signature', old.signature, 'superseded', now);
  }

  /** A move, or a new name: only the signature certificate is revoked, and issued anew. */
  changeAttributes(card: Certificate, now: number): void {
    if (card.signature === undefined || card.successor !== undefined) return;
    this.revoke('signature', card.signature, 'affiliationChanged', now);
    card.signature = this.#nextSignature += 1;
  }

  lose(card: Certificate, now: number): void {
    this.revoke('user', card.serial, 'keyCompromise', now);
    if (card.signature !== undefined)
      this.revoke('signature', card.signature, 'keyCompromise', now);
  }

  tellAll(): void {
    for (const { serial, predecessor } of this.certificates)
      if (predecessor) this.told.set(serial, predecessor);
  }

  newest(serial: number): number {
    const { successor } = this.certificates[serial - 1]!;
    return successor === undefined ? serial : this.newest(successor);
  }

  entries(kind: 'user' | 'signature'): readonly CrlEntryTemplate[] {
    return [...this.revoked[kind]].map(([serial, { reason, at }]) => ({
      serial: firstSerial + serial,
      reason: reasonCodes[reason],
      revokedAt: new Date(at),
    }));
  }

  private revoke(kind: 'user' | 'signature', serial: number, reason: Reason, now: number): void {
    if (!this.revoked[kind].has(serial))
      this.revoked[kind].set(serial, { reason, at: now - (now % 1_000) });
  }
}
