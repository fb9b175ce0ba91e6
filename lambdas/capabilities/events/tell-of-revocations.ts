import { severalAtOnce } from '../../several-at-once.ts';
import type { PageEntry } from '../../crl-store/format/page-codec.ts';
import { reasonName } from '../../crl-store/format/page-codec.ts';
import type { Comparison } from '../../crl-store/ingest/comparison.ts';
import type { PageReader } from '../../crl-store/lookup/lookup-serials.ts';
import { differenceOf } from '../../crl-store/lookup/list-difference.ts';
import { tellServices } from '../../people/announcements.ts';
import {
  referenceOf,
  sameCertificate,
  type CertificateReference,
} from '../../people/certificate-reference.ts';
import type { FeedPorts } from '../../people/feed.ts';
import type { IdentityIndex } from '../../people/identity-store.ts';
import { heldByPerson } from '../../people/find-certificates.ts';
import { holderOf } from '../../people/find-person.ts';
import { causeOfRevocation } from '../../people/person-event.ts';
import { filedCertificates, type Registration } from '../../people/records.ts';
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
 * Tells services of the certificates that one part of a comparison revokes, or whose hold it releases. Repeatable: the events of
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
  const { listed, released } = await differenceOf(comparison, ports.pages);
  const changed = [
    ...listed.map((entry) => ({
      issuerKeyId,
      serial: entry.serial,
      entry,
      tell: tellOfRevocation,
    })),
    // No event tells of a signature certificate on hold.
    ...(anchor.kind === 'user-authentication' ? released : []).map((entry) => ({
      issuerKeyId,
      serial: entry.serial,
      entry,
      tell: tellOfRelease,
    })),
  ];
  // Nearly all of them are of persons who never used the platform.
  const filed = await filedCertificates(changed, ports);
  const told = await severalAtOnce(
    filed,
    eventLimits.lookUpsAtOnce,
    ({ entry, tell, ...certificate }) => tell(anchor.kind, certificate, entry, ports),
  );
  const events = told.filter((count) => count !== undefined);
  return {
    listed: listed.length,
    persons: events.length,
    events: events.reduce((sum, count) => sum + count, 0),
  };
}

/** Undefined: nobody on record holds the certificate. */
async function tellOfRevocation(
  kind: TrustAnchor['kind'],
  certificate: CertificateReference,
  entry: PageEntry,
  ports: RevocationPorts,
): Promise<number | undefined> {
  const person = await holderOf(ports, certificate);
  if (person === undefined) return undefined;
  const reason = reasonName(entry.reason);
  const at = entry.seconds * 1_000;
  const cause = causeOfRevocation(await ports.keys.index(), certificate, { reason, at });
  const happening = { at, source: 'crl', cause } as const;
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

/**
 * Lists drop expired certificates (RFC 5280 §3.3), and a renewed certificate is no longer used: neither
 * is an event. The expiry of a certificate that was never presented is unknown.
 */
async function tellOfRelease(
  _: TrustAnchor['kind'],
  certificate: CertificateReference,
  hold: PageEntry,
  ports: RevocationPorts,
): Promise<number | undefined> {
  const person = await holderOf(ports, certificate);
  if (person === undefined) return undefined;
  const held = (await heldByPerson(ports, person.value)).find(({ value }) =>
    sameCertificate(referenceOf(value.certificate), certificate),
  )?.value;
  const isUsable = held?.superseded === false && (held.certificate.validUntil ?? 0) > ports.now;
  if (!isUsable) return 0;
  const revocation = { reason: 'certificateHold', at: hold.seconds * 1_000 };
  return tellServices(ports, person.value, {
    type: 'person.certificate-restored',
    at: ports.now,
    source: 'crl',
    cause: causeOfRevocation(await ports.keys.index(), certificate, revocation),
  });
}

/** The services whose attribute status the revocation of this signature certificate changes. */
const confirmedWith =
  (certificate: CertificateReference) =>
  ({ baseline }: Registration): boolean =>
    baseline !== undefined && sameCertificate(referenceOf(baseline.certificate), certificate);
