import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import { staleness } from '../../crl-store/lookup/bulk-check.ts';
import type { StoredLists } from '../../crl-store/lookup/stored-lists.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import type { PinnedIssuer, PinnedIssuers } from './job.ts';

/**
 * Fixes the current full list of every trusted issuer. The whole job uses these lists, regardless
 * of its duration and of lists loaded meanwhile, so that one file is judged consistently. Absence
 * from a list means good only if the list is complete and current; without a list, or with an
 * expired one, the issuer's rows are unknown.
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
