import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import { staleness } from '../../crl-store/lookup/bulk-check.ts';
import type { StoredLists } from '../../crl-store/lookup/stored-lists.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import type { PinnedIssuer, PinnedIssuers } from './job.ts';

/**
 * Fixes, for every issuer that the deployment trusts, the full list that serves now. The whole job
 * answers from these, however long it takes and whatever is loaded meanwhile: one file, one truth.
 * Absence on a list means good only if the list is complete and current: a list past its time, or none, makes
 * the rows of its issuer unknown.
 */
export async function pinIssuers(
  profile: TrustProfile,
  lists: Pick<StoredLists, 'current'>,
  now: number,
): Promise<PinnedIssuers> {
  const issuers = await Promise.all(
    profile.anchors.map(async ({ id, certificate }): Promise<PinnedIssuer> => {
      const issuerKeyId = issuerKeyIdOf(certificate);
      const list = await lists.current({ issuerKeyId, scope: 'full' });
      const why = list === undefined ? 'no-applicable-crl' : staleness(list, profile, now);
      return { name: id, issuerKeyId, list: why === undefined ? list! : { why } };
    }),
  );
  return { checkedAt: now, issuers };
}
