import { isCodedError, MyKeyError } from '../../errors.ts';
import { staleness } from '../../crl-store/lookup/bulk-check.ts';
import type { Generation, RevokedEntry, StoredLists } from '../../crl-store/lookup/stored-lists.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import {
  keptReference,
  referenceOf,
  type CertificateReference,
} from '../../people/certificate-reference.ts';
import { expiringWith, whyNotUnchanged, type LinkedNow } from '../../people/attribute-baseline.ts';
import { currentCards } from '../../people/find-certificates.ts';
import { personOfPpid, registrationOfPerson } from '../../people/find-person.ts';
import { keepRegistration } from '../../people/keep-registration.ts';
import { withinBudget, type LinkagePorts } from '../../people/linkage-budget.ts';
import type { HeldCertificate, Opened, RecordPorts } from '../../people/records.ts';
import { keepSignatureAnswer } from '../../people/signature-certificate.ts';

export interface AttributePorts extends RecordPorts, LinkagePorts {
  readonly lists: Pick<StoredLists, 'current' | 'lookup'>;
  readonly rules: Pick<TrustProfile, 'clockSkewMs' | 'crlMaxAgeMs'>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface AttributeQuestion {
  readonly serviceId: string;
  readonly ppid: string;
  /** The service has just read the attributes: later answers refer to changes from now on. */
  readonly confirmed: boolean;
}

/** One of three states; `unknown` has a reason and is never reported as one of the others. */
export type AttributeStatus =
  | { readonly status: 'unchanged'; readonly list: Generation }
  | { readonly status: 'changed'; readonly changedAt: number; readonly list: Generation }
  | { readonly status: 'unknown'; readonly reason: string; readonly list?: Generation };

/**
 * Whether name, address, birth date or sex of a person changed since the service last confirmed
 * them. Derived from the signature certificate that the person held then: the municipality revokes
 * it with reason `affiliationChanged` when they change. The request contains no certificate.
 * @throws MyKeyError `ppid-not-found`, `dependency-unavailable`
 */
export async function attributeStatus(
  { serviceId, ppid, confirmed }: AttributeQuestion,
  ports: AttributePorts,
): Promise<AttributeStatus> {
  const person = await personOfPpid(ports, serviceId, ppid);
  const registration = person && (await registrationOfPerson(ports, serviceId, person.value));
  if (registration === undefined) throw new MyKeyError('ppid-not-found', 'no such PPID');
  const linked = await linkedNow(await currentCards(ports, person!.value), ports);
  const known = confirmed ? undefined : registration.value.baseline;
  if (known !== undefined) return since(referenceOf(known.certificate), linked, ports);
  if ('reason' in linked) return { status: 'unknown', reason: linked.reason };
  const baseline = { certificate: keptReference(linked.reference), confirmedAt: ports.now };
  await keepRegistration(ports, registration, { ...registration.value, baseline });
  if (!confirmed) return { status: 'unknown', reason: 'never-confirmed' };
  return since(linked.reference, linked, ports);
}

/**
 * The signature certificate of the person's current card; a card's two certificates expire
 * together.
 */
async function linkedNow(
  cards: readonly Opened<HeldCertificate>[],
  ports: AttributePorts,
): Promise<LinkedNow> {
  const linkage = withinBudget(ports);
  let reason = 'no-certificate';
  for (const card of cards) {
    try {
      const held = referenceOf(card.value.certificate);
      const linked = await linkage.signatureCertificateOf(held);
      await keepSignatureAnswer(card, linked, ports);
      if (linked.reference !== undefined) {
        return { reference: expiringWith(linked.reference, held) };
      }
      reason = `signature-certificate-${linked.reason}`;
    } catch (error) {
      if (!isCodedError(error) || error.code !== 'linkage-unavailable') throw error;
      return { reason: 'linkage-unavailable' };
    }
  }
  return { reason };
}

async function since(
  baseline: CertificateReference,
  linked: LinkedNow,
  { lists, rules, now }: AttributePorts,
): Promise<AttributeStatus> {
  const list = await lists.current({ issuerKeyId: baseline.issuerKeyId, scope: 'full' });
  if (list === undefined) return { status: 'unknown', reason: 'no-applicable-crl' };
  const stale = staleness(list, rules, now);
  if (stale !== undefined) return { status: 'unknown', reason: stale, list };
  const [entry] = await lists.lookup(list, [baseline.serial]);
  if (entry !== undefined) return revoked(entry, list);
  const reason = whyNotUnchanged(baseline, linked, now);
  return reason === undefined ? { status: 'unchanged', list } : { status: 'unknown', reason, list };
}

const revoked = ({ reason, revokedAt }: RevokedEntry, list: Generation): AttributeStatus =>
  reason === 'affiliationChanged'
    ? { status: 'changed', changedAt: revokedAt, list }
    : { status: 'unknown', reason: `signature-certificate-revoked: ${reason}`, list };
