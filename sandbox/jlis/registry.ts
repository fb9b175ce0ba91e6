import type { KeyType } from '../pki/signing.ts';
import type { Kind } from './generations.ts';
import type { Person } from './person.ts';
import { SandboxRefusal } from './sandbox-refusal.ts';
import type { SyntheticBlock } from './synthetic-revocations.ts';

/** CRLReason numbers by name, for the documented events (docs/jpki.md: revocation). */
export const reasonNumbers = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
} as const;
export type Reason = keyof typeof reasonNumbers;

export interface CertificateRecord {
  readonly anchorId: string;
  readonly serial: number;
  readonly cardId: string;
  /** The municipality whose CRL lists it: the holder's residence at issue. */
  readonly municipality: string;
  readonly notBefore: number;
  readonly notAfter: number;
  /** DER, base64. */
  readonly certificate: string;
  /** The user-authentication certificate that this one replaces. */
  readonly predecessor?: { readonly anchorId: string; readonly serial: number };
  revocation?: { readonly at: number; readonly reason: Reason };
}

/** One key pair on a card with its certificates, newest last, and its PIN. */
export interface CardSlot {
  /** PKCS#8 PEM. */
  privateKey: string;
  pin: string;
  triesLeft: number;
  /** Serials of this slot, oldest first, each with its anchor. */
  readonly certificates: { readonly anchorId: string; readonly serial: number }[];
}

export type Medium = 'card' | 'next-generation-card' | 'phone';

export interface Card {
  readonly cardId: string;
  readonly personId: string;
  readonly medium: Medium;
  readonly keyType: KeyType;
  state: 'active' | 'lost' | 'replaced' | 'returned';
  readonly slots: { 'user-authentication': CardSlot; 'digital-signature'?: CardSlot };
}

/** The persistent state of J-LIS other than its keys; plain data, saved as JSON. */
export interface Registry {
  readonly persons: Person[];
  readonly cards: Card[];
  readonly certificates: CertificateRecord[];
  readonly synthetic: SyntheticBlock[];
  /**
   * One serial counter for each kind of authority, across all generations (docs/jpki.md:
   * certificates).
   */
  readonly nextSerial: Record<Kind, number>;
  /** CRLNumber of the last publication. */
  publication: number;
}

/**
 * About 2^27, the size of today's counter. Both kinds start at the same value, so that a serial
 * alone does not identify a certificate.
 */
const firstSerial = 0x0800_0001;

export const emptyRegistry = (): Registry => ({
  persons: [],
  cards: [],
  certificates: [],
  synthetic: [],
  nextSerial: { 'user-authentication': firstSerial, 'digital-signature': firstSerial },
  publication: 0,
});

export function cardOf(registry: Registry, cardId: string): Card {
  const card = registry.cards.find((candidate) => candidate.cardId === cardId);
  if (!card) throw new SandboxRefusal(404, 'card-unknown', 'there is no such card');
  return card;
}

export function personOf(registry: Registry, personId: string): Person {
  const person = registry.persons.find((candidate) => candidate.personId === personId);
  if (!person) throw new SandboxRefusal(404, 'person-unknown', 'there is no such person');
  return person;
}

/** The certificate with an authority and serial; undefined if it was never issued. */
export const findCertificate = (
  registry: Registry,
  anchor: string,
  serial: number,
): CertificateRecord | undefined => {
  const index = indexOf(registry);
  return index.get(`${anchor}/${serial}`);
};

/** The newest certificate of a slot. */
export function newestCertificate(registry: Registry, slot: CardSlot): CertificateRecord {
  const last = slot.certificates.at(-1)!;
  return findCertificate(registry, last.anchorId, last.serial)!;
}

const indexes = new WeakMap<Registry, Map<string, CertificateRecord>>();

/** Index that grows with its append-only list. */
function indexOf(registry: Registry): Map<string, CertificateRecord> {
  const index = indexes.get(registry) ?? new Map<string, CertificateRecord>();
  indexes.set(registry, index);
  for (let i = index.size; i < registry.certificates.length; i++) {
    const record = registry.certificates[i]!;
    index.set(`${record.anchorId}/${record.serial}`, record);
  }
  return index;
}

/** Content octets of the serial's INTEGER, lower-case hex. */
export function serialHex(serial: number): string {
  const hex = serial.toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  return Number.parseInt(even.slice(0, 2), 16) >= 0x80 ? `00${even}` : even;
}
