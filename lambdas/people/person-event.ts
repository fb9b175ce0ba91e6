import type { CertificateReference } from './certificate-reference.ts';
import type { DerivedKey } from './identity-keys.ts';
import { certificateIndexKey } from './layout.ts';

/** What a service can be told about a person that it knows. Types never change their meaning. */
export const personEventTypes = [
  /** A user-authentication certificate of the person was revoked. */
  'person.certificate-revoked',
  /** The hold of a user-authentication certificate was released: it is valid again. */
  'person.certificate-restored',
  /** Name, address, birth date or sex changed since the service last confirmed them. */
  'person.attributes-changed',
  /** A renewed certificate replaced the person's former one; the PPID is unchanged. */
  'person.renewed',
  'person.suspended',
  'person.resumed',
  /** The person's record is erased; the PPID will not be used again. */
  'person.deleted',
  /** Two PPIDs of the service are one person: `ppid` is current, `formerPpid` still resolves. */
  'person.ppid-replaced',
  /** Data under the PPID may concern two persons; an operator has separated their records. */
  'person.record-split',
  /** The person asks the service to correct what it recorded: `reason` names what. */
  'person.correction-requested',
] as const;

export type PersonEventType = (typeof personEventTypes)[number];

/** What happened, without the person: the same for every service. */
export interface Happening {
  readonly type: PersonEventType;
  /** Milliseconds since 1970. Services are told the day only, see `dayOf`. */
  readonly at: number;
  /** A word of a documented vocabulary, such as a CRL reason; no free text. */
  readonly reason?: string;
  /** How the platform learnt it. */
  readonly source?: 'crl' | 'ocsp' | 'login' | 'person' | 'operator';
  /**
   * Identifies what happened; repeating the same cause creates no second event. Never a serial in
   * the clear: see `causeOfCertificate`.
   */
  readonly cause: string;
}

export interface NewEvent extends Happening {
  readonly ppid: string;
  readonly formerPpid?: string;
}

/** An event as a service reads it. */
export interface PersonEvent {
  /** Differs between services, and is the same whenever the event is repeated to one. */
  readonly id: string;
  readonly type: PersonEventType;
  /** Milliseconds since 1970, at 00:00 UTC of the day. */
  readonly at: number;
  readonly ppid: string;
  readonly formerPpid?: string;
  readonly reason?: string;
  readonly source?: Happening['source'];
}

const dayMs = 86_400_000;

/**
 * Rounds down to the day, in UTC. The second at which a certificate was revoked or renewed is the
 * same at every service: it would let two of them join their PPIDs.
 */
export const dayOf = (at: number): number => Math.floor(at / dayMs) * dayMs;

/**
 * A cause that only the index key can compute. An event id made with a service's key alone would
 * reveal the serial to whoever has that key, by trying all serials.
 */
export const causeOfCertificate = (
  indexKey: DerivedKey,
  certificate: CertificateReference,
): string => certificateIndexKey(indexKey, certificate).pk;

/**
 * The cause of a revocation. A certificate can be put on hold more than once (RFC 5280 §5.3.1), so
 * each hold is a cause of its own; every other revocation is final.
 * @param at revocationDate, milliseconds since 1970
 */
export const causeOfRevocation = (
  indexKey: DerivedKey,
  certificate: CertificateReference,
  { reason, at }: { readonly reason: string; readonly at: number },
): string => {
  const cause = causeOfCertificate(indexKey, certificate);
  return reason === 'certificateHold' ? `${cause} hold ${Math.floor(at / 1_000)}` : cause;
};
