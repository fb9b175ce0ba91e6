import { isCodedError, MyKeyError } from '../../errors.ts';
import type { RevocationMethod } from '../../pki/revocation/revocation-status.ts';
import { keptReference, referenceOf } from '../../people/certificate-reference.ts';
import { expiringWith, whyNotUnchanged, type LinkedNow } from '../../people/attribute-baseline.ts';
import { currentCards } from '../../people/find-certificates.ts';
import { personOfPpid, registrationOfPerson } from '../../people/find-person.ts';
import { keepRegistration } from '../../people/keep-registration.ts';
import { withinBudget, type LinkagePorts } from '../../people/linkage-budget.ts';
import type { Baseline, HeldCertificate, Opened, RecordPorts } from '../../people/records.ts';
import { keepSignatureAnswer } from '../../people/signature-certificate.ts';
import {
  judgeAttributes,
  signatureStatus,
  type JudgedAttributes,
  type SignatureStatusPorts,
} from './signature-status.ts';

/** `elapsedMs`: since the request began. */
export type AttributePorts = RecordPorts & LinkagePorts & SignatureStatusPorts;

export interface AttributeQuestion {
  readonly serviceId: string;
  readonly ppid: string;
  /** The service has just read the attributes: later answers refer to changes from now on. */
  readonly confirmed: boolean;
  readonly method: RevocationMethod;
}

/** With the baseline that it compares with, if there is one. */
export type AttributeStatus = JudgedAttributes & { readonly comparedWith?: ComparedSince };

/** When the baseline was set (milliseconds since 1970), and by what. */
export interface ComparedSince {
  readonly confirmedAt: number;
  readonly setBy: 'login' | 'service';
}

/**
 * Whether name, address, birth date or sex of a person changed since the service last confirmed
 * them. Derived from the signature certificate that the person held then: the municipality revokes
 * it with reason `affiliationChanged` when they change. The request contains no certificate.
 * @throws MyKeyError `ppid-not-found`, `dependency-unavailable`
 */
export async function attributeStatus(
  { serviceId, ppid, confirmed, method }: AttributeQuestion,
  ports: AttributePorts,
): Promise<AttributeStatus> {
  const person = await personOfPpid(ports, serviceId, ppid);
  const registration = person && (await registrationOfPerson(ports, serviceId, person.value));
  if (registration === undefined) throw new MyKeyError('ppid-not-found', 'no such PPID');
  const linking = currentCards(ports, person!.value).then((cards) => linkedNow(cards, ports));
  const known = confirmed ? undefined : registration.value.baseline;
  if (known !== undefined) return since(known, linking, method, ports);
  const linked = await linking;
  if ('reason' in linked) return { status: 'unknown', reason: linked.reason };
  const baseline = { certificate: keptReference(linked.reference), confirmedAt: ports.now };
  await keepRegistration(ports, registration, { ...registration.value, baseline });
  if (!confirmed) return { status: 'unknown', reason: 'never-confirmed' };
  return since(baseline, linking, method, ports);
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

/** By the engine's one decision; a good signature certificate proves more only where it is the card's. */
async function since(
  { certificate: kept, confirmedAt, setBy }: Baseline,
  linking: Promise<LinkedNow>,
  method: RevocationMethod,
  ports: AttributePorts,
): Promise<AttributeStatus> {
  const baseline = referenceOf(kept);
  // At once: the two answers do not depend on each other, and each has a time budget.
  const [status, linked] = await Promise.all([signatureStatus(baseline, method, ports), linking]);
  return {
    ...judgeAttributes(status, whyNotUnchanged(baseline, linked, ports.now)),
    comparedWith: { confirmedAt, setBy: setBy ?? 'service' },
  };
}
