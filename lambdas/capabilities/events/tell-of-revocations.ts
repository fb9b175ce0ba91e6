import type { PageEntry } from '../../crl-store/format/page-codec.ts';
import { reasonName } from '../../crl-store/format/page-codec.ts';
import type { Comparison } from '../../crl-store/ingest/comparison.ts';
import type { PageReader } from '../../crl-store/lookup/lookup-serials.ts';
import { newlyListed } from '../../crl-store/lookup/newly-listed.ts';
import { tellServices } from '../../people/announcements.ts';
import {
  referenceOf,
  sameCertificate,
  type CertificateReference,
} from '../../people/certificate-reference.ts';
import type { FeedPorts } from '../../people/feed.ts';
import type { IdentityIndex } from '../../people/identity-store.ts';
import { livingSubject } from '../../people/find-person.ts';
import { causeOfCertificate } from '../../people/person-event.ts';
import { filedCertificates, findOwner, type Registration } from '../../people/records.ts';
import type { TrustAnchor } from '../../pki/trust-profile.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import { eventLimits } from './limits.ts';

export interface RevocationPorts extends FeedPorts {
  readonly index: IdentityIndex;
  readonly pages: PageReader;
  readonly anchors: readonly Pick<TrustAnchor, 'kind' | 'certificate'>[];
}

export interface Told {
  /** Entries that the former list did not have. */
  readonly listed: number;
  /** Those of persons on record. */
  readonly persons: number;
  /** Events appended; repeated ones count again. */
  readonly events: number;
}

/**
 * Tells services of the certificates that one part of a new list revokes. Repeatable: the events of
 * a certificate always have the same ids.
 * @throws MyKeyError `dependency-unavailable`: repeat
 */
export async function tellOfRevocations(
  comparison: Comparison,
  ports: RevocationPorts,
): Promise<Told> {
  const { issuerKeyId } = comparison;
  const anchor = ports.anchors.find(
    ({ certificate }) => issuerKeyIdOf(certificate) === issuerKeyId,
  );
  // A list of an issuer that the trust profile has meanwhile lost.
  if (anchor === undefined) return { listed: 0, persons: 0, events: 0 };
  const entries = await newlyListed(comparison, ports.pages);
  const listed = entries.map((entry) => ({ issuerKeyId, serial: entry.serial, entry }));
  // Nearly all of them are of persons who never used the platform.
  const left = (await filedCertificates(listed, ports)).values();
  let persons = 0;
  let events = 0;
  const worker = async (): Promise<void> => {
    for (const { entry, ...certificate } of left) {
      const told = await tellOf(anchor.kind, certificate, entry, ports);
      if (told === undefined) continue;
      persons += 1;
      events += told;
    }
  };
  await Promise.all(Array.from({ length: eventLimits.lookUpsAtOnce }, worker));
  return { listed: entries.length, persons, events };
}

/** Undefined: nobody on record holds the certificate. */
async function tellOf(
  kind: TrustAnchor['kind'],
  certificate: CertificateReference,
  entry: PageEntry,
  ports: RevocationPorts,
): Promise<number | undefined> {
  const owner = await findOwner(ports, certificate);
  const person = owner && (await livingSubject(ports, owner.value.subjectId));
  if (person === undefined) return undefined;
  const reason = reasonName(entry.reason);
  const happening = {
    at: entry.seconds * 1_000,
    source: 'crl',
    cause: causeOfCertificate(await ports.keys.index(), certificate),
  } as const;
  if (kind === 'user-authentication') {
    // J-LIS revokes a certificate as superseded when it renews it.
    return reason === 'superseded'
      ? tellServices(ports, person.value, { type: 'person.renewed', ...happening })
      : tellServices(ports, person.value, {
          type: 'person.certificate-revoked',
          reason,
          ...happening,
        });
  }
  if (reason !== 'affiliationChanged') return 0;
  return tellServices(
    ports,
    person.value,
    { type: 'person.attributes-changed', ...happening },
    confirmedWith(certificate),
  );
}

/** The services whose attribute status the revocation of this signature certificate changes. */
const confirmedWith =
  (certificate: CertificateReference) =>
  ({ baseline }: Registration): boolean =>
    baseline !== undefined && sameCertificate(referenceOf(baseline.certificate), certificate);
