import { isCodedError, MyKeyError } from '../../errors.ts';
import type { OcspClient } from '../../pki/ocsp/ocsp-client.ts';
import { decide } from '../../pki/revocation/decide.ts';
import { liveOcsp } from '../../pki/revocation/live-ocsp.ts';
import type {
  RevocationEvidence,
  RevocationMethod,
  RevocationStatus,
} from '../../pki/revocation/revocation-status.ts';
import { storedListsOfName, type ListedName } from '../../pki/revocation/stored-lists-source.ts';
import type { StoredLists } from '../../pki/revocation/stored-lists.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import { policyOfProfile } from '../../pki/validation/validate-under-profile.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
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
import type { Baseline, HeldCertificate, Opened, RecordPorts } from '../../people/records.ts';
import { keepSignatureAnswer } from '../../people/signature-certificate.ts';

export interface AttributePorts extends RecordPorts, LinkagePorts {
  readonly lists: Pick<StoredLists, 'current' | 'lookup'>;
  readonly ocsp: OcspClient;
  readonly profile: TrustProfile;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface AttributeQuestion {
  readonly serviceId: string;
  readonly ppid: string;
  /** The service has just read the attributes: later answers refer to changes from now on. */
  readonly confirmed: boolean;
  readonly method: RevocationMethod;
}

/** One of three states; `unknown` has a reason and is never reported as one of the others. */
export type AttributeStatus =
  | {
      readonly status: 'unchanged';
      readonly comparedWith: ComparedSince;
      readonly evidence: RevocationEvidence;
    }
  | {
      readonly status: 'changed';
      /** Milliseconds since 1970. */
      readonly changedAt: number;
      readonly comparedWith: ComparedSince;
      readonly evidence: RevocationEvidence;
    }
  | {
      readonly status: 'unknown';
      readonly reason: string;
      readonly comparedWith?: ComparedSince;
      readonly evidence?: RevocationEvidence;
    };

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
  const comparedWith = { confirmedAt, setBy: setBy ?? 'service' } as const;
  // At once: the two answers do not depend on each other, and each has a time budget.
  const [status, linked] = await Promise.all([statusOf(baseline, method, ports), linking]);
  const { evidence } = status;
  const unknown = (reason: string): AttributeStatus => ({
    status: 'unknown',
    reason,
    comparedWith,
    ...(evidence && { evidence }),
  });
  switch (status.status) {
    case 'unknown':
      return unknown(status.why);
    case 'revoked':
      return status.reason === 'affiliationChanged'
        ? {
            status: 'changed',
            changedAt: status.revokedAt,
            comparedWith,
            evidence: status.evidence,
          }
        : unknown(`signature-certificate-revoked: ${status.reason}`);
    default: {
      const reason = whyNotUnchanged(baseline, linked, ports.now);
      return reason === undefined
        ? { status: 'unchanged', comparedWith, evidence: status.evidence }
        : unknown(reason);
    }
  }
}

async function statusOf(
  { issuerKeyId, serial, listScope }: CertificateReference,
  method: RevocationMethod,
  { profile, ocsp, lists, elapsedMs, now }: AttributePorts,
): Promise<RevocationStatus> {
  const anchor = profile.anchors.find(
    ({ certificate }) => issuerKeyIdOf(certificate) === issuerKeyId,
  );
  // An issuer that the trust profile no longer has.
  if (anchor === undefined) return { status: 'unknown', why: 'no-applicable-crl' };
  const issuer = anchor.certificate;
  const begunMs = elapsedMs();
  const { status } = await decide<ListedName>(
    { certificate: { issuer: issuer.subject, serial, listScope }, issuer, anchor, method, now },
    {
      ocsp: [liveOcsp(ocsp, profile.ocspResponders)],
      crl: [storedListsOfName(lists)],
      elapsedMs: () => elapsedMs() - begunMs,
    },
    policyOfProfile(profile),
  );
  return status;
}
