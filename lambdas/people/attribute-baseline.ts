import {
  referenceOf,
  sameCertificate,
  type CertificateReference,
} from './certificate-reference.ts';
import { currentCards } from './find-certificates.ts';
import { personOfPpid, registrationOfPerson } from './find-person.ts';
import type { HeldCertificate, Opened, RecordPorts } from './records.ts';

/**
 * The signature certificate of the person's current card, with the date at which both of the card's
 * certificates expire; or why none is known.
 */
export type LinkedNow = { readonly reference: CertificateReference } | { readonly reason: string };

/** The input of an attribute status, from records alone: no request to J-LIS. */
export type AttributeBaseline =
  /** This service has no such PPID, even if another service has. */
  | 'ppid-unknown'
  /** There is no certificate to look up, and why. */
  | { readonly certificate: undefined; readonly reason: string }
  | {
      /** Its revocation for changed attributes means that they changed. */
      readonly certificate: CertificateReference;
      /** Why its absence from a list does not mean unchanged; undefined: it does. */
      readonly reason: string | undefined;
    };

/** Port: resolves a PPID to its attribute baseline, for bulk jobs. */
export type FindAttributeBaseline = (
  serviceId: string,
  ppid: string,
  now: number,
) => Promise<AttributeBaseline>;

/**
 * Reads the baseline and the linkage service's kept answers; asks the linkage service nothing, so that
 * a nightly run over a whole register does not depend on it.
 */
export function findAttributeBaseline(ports: RecordPorts): FindAttributeBaseline {
  return async (serviceId, ppid, now) => {
    const person = await personOfPpid(ports, serviceId, ppid);
    const known = person && (await registrationOfPerson(ports, serviceId, person.value));
    if (known === undefined) return 'ppid-unknown';
    const linked = linkedByKeptAnswers(await currentCards(ports, person!.value));
    const { baseline } = known.value;
    if (baseline === undefined) {
      // A certificate that nobody asked for yet would set the baseline, as at the next single question.
      const isNone = 'reason' in linked && linked.reason !== notAsked;
      return { certificate: undefined, reason: isNone ? linked.reason : 'never-confirmed' };
    }
    const certificate = referenceOf(baseline.certificate);
    return { certificate, reason: whyNotUnchanged(certificate, linked, now) };
  };
}

const notAsked = 'signature-certificate-not-asked';

/** The rule of `linkedNow`, applied to the linkage answers on record. */
function linkedByKeptAnswers(cards: readonly Opened<HeldCertificate>[]): LinkedNow {
  let reason = 'no-certificate';
  for (const { value } of cards) {
    const { signature, certificate } = value;
    if (signature?.certificate !== undefined) {
      return { reference: expiringWith(referenceOf(signature.certificate), certificate) };
    }
    reason =
      signature === undefined ? notAsked : `signature-certificate-${signature.reason ?? 'unknown'}`;
  }
  return { reason };
}

/** A card's two certificates expire together. */
export const expiringWith = (
  reference: CertificateReference,
  { validUntil }: { readonly validUntil?: number },
): CertificateReference => ({ ...reference, ...(validUntil && { validUntil }) });

/**
 * Absence from the list does not mean unchanged if the certificate has expired (CRLs drop expired
 * certificates, RFC 5280 §3.3) or no longer belongs to the card.
 */
export function whyNotUnchanged(
  baseline: CertificateReference,
  linked: LinkedNow,
  now: number,
): string | undefined {
  if ('reason' in linked) return linked.reason;
  if (baseline.validUntil === undefined || baseline.validUntil < now) {
    return 'signature-certificate-expired';
  }
  return sameCertificate(linked.reference, baseline) ? undefined : 'signature-certificate-renewed';
}
