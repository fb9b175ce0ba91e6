import { isCodedError, MyKeyError } from '../../errors.ts';
import { staleness } from '../../crl-store/lookup/bulk-check.ts';
import type { Generation, RevokedEntry, StoredLists } from '../../crl-store/lookup/stored-lists.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import type { CertificateReference } from '../../people/certificate-reference.ts';
import { findCertificatesByPpid } from '../../people/find-certificates.ts';
import { withinBudget } from '../../people/linkage-budget.ts';
import type { IdentityWorld } from '../../people/resolve-subject.ts';
import { openReference, sealReference } from '../../people/sealed-reference.ts';

export interface AttributeWorld extends IdentityWorld {
  readonly lists: Pick<StoredLists, 'current' | 'lookup'>;
  readonly rules: Pick<TrustProfile, 'clockSkewMs' | 'crlMaxAgeMs'>;
}

export interface AttributeQuestion {
  readonly serviceId: string;
  readonly ppid: string;
  /** The service has just read the attributes anew: later answers are about changes from now on. */
  readonly confirmed: boolean;
}

/** Three states, never two: what cannot be told is unknown, with the reason. */
export type AttributeStatus =
  | { readonly status: 'unchanged'; readonly list: Generation }
  | { readonly status: 'changed'; readonly changedAt: number; readonly list: Generation }
  | { readonly status: 'unknown'; readonly reason: string; readonly list?: Generation };

/**
 * Did name, address, birth date or sex of a person change since the service last knew them? Read from
 * the signature certificate that the person held then: a municipality revokes it as
 * `affiliationChanged` when they change. No certificate is shown for this.
 * @throws MyKeyError `ppid-not-found`, `dependency-unavailable`
 */
export async function attributeStatus(
  { serviceId, ppid, confirmed }: AttributeQuestion,
  world: AttributeWorld,
): Promise<AttributeStatus> {
  const { store, now } = world;
  const subjectId = await store.subjectOfPpid(serviceId, ppid);
  if (subjectId === undefined) throw new MyKeyError('ppid-not-found', 'no such PPID');
  const { seal } = await world.keys();
  const held = await findCertificatesByPpid(store, world.keys)(serviceId, ppid);
  const linked = await linkedNow(held, world);
  const known = confirmed ? undefined : await store.attributeBaseline(subjectId, serviceId);
  if (known === undefined) {
    if ('reason' in linked) return { status: 'unknown', reason: linked.reason };
    const sealed = sealReference(seal, subjectId, linked.reference);
    await store.keepAttributeBaseline(subjectId, serviceId, sealed, now);
    if (!confirmed) return { status: 'unknown', reason: 'never-confirmed' };
    return since(linked.reference, linked, world);
  }
  return since(openReference(seal, subjectId, known), linked, world);
}

type Linked = { readonly reference: CertificateReference } | { readonly reason: string };

/** The signature certificate of the card that the person holds now; a card's two end together. */
async function linkedNow(
  held: readonly CertificateReference[],
  world: AttributeWorld,
): Promise<Linked> {
  const linkage = withinBudget(world);
  let reason = 'no-certificate';
  for (const card of held) {
    try {
      const linked = await linkage.signatureCertificateOf(card);
      if (linked.reference !== undefined) {
        const { validUntil } = card;
        return { reference: { ...linked.reference, ...(validUntil && { validUntil }) } };
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
  linked: Linked,
  { lists, rules, now }: AttributeWorld,
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

/** Not on the list proves little once it has expired (lists drop those) or is no longer the card's. */
function whyNotUnchanged(
  baseline: CertificateReference,
  linked: Linked,
  now: number,
): string | undefined {
  if ('reason' in linked) return linked.reason;
  if (baseline.validUntil === undefined || baseline.validUntil < now) {
    return 'signature-certificate-expired';
  }
  const { issuerKeyId, serial } = linked.reference;
  const same =
    issuerKeyId === baseline.issuerKeyId && Buffer.compare(serial, baseline.serial) === 0;
  return same ? undefined : 'signature-certificate-renewed';
}
