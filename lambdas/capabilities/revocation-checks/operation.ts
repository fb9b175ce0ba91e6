import {
  bulkCheck,
  type BulkLists,
  type BulkRequest,
  type BulkVerdict,
} from '../../crl-store/lookup/bulk-check.ts';
import { QuotaExceeded } from '../../errors.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import type { CheckQuota } from './check-quota.ts';
import { denseQuestioning } from './dense-questioning.ts';
import type { RecentSerials } from './recent-serials.ts';

export interface BulkCheckPorts {
  readonly lists: BulkLists;
  readonly profile: TrustProfile;
  readonly quota: CheckQuota;
  readonly recent: RecentSerials;
  /** Identifiers of one service in a day, where the operator set no other number for it. */
  readonly identifiersPerDay: number;
}

export interface CountedVerdict {
  readonly verdict: BulkVerdict;
  /** The serials are denser than any register's: the client is enumerating them. */
  readonly dense: boolean;
  /** How many lie close to another one, in this call or, where it is not dense, in the latest calls. */
  readonly closeSerials: number;
}

/**
 * Answers for many serials, each row counted on the service's day, whatever its answer.
 * @throws MyKeyError `quota-exceeded`, `issuer-unknown`, `serials-ambiguous`
 */
export async function checkForService(
  {
    serviceId,
    checkedIdentifiersPerDay,
  }: { readonly serviceId: string; readonly checkedIdentifiersPerDay?: number },
  request: BulkRequest,
  { lists, profile, quota, recent, ...deployed }: BulkCheckPorts,
  now: number,
): Promise<CountedVerdict> {
  const day = new Date(now).toISOString().slice(0, 10);
  const { length } = request.serials;
  const identifiersPerDay = checkedIdentifiersPerDay ?? deployed.identifiersPerDay;
  if (!(await quota.take(serviceId, day, length, identifiersPerDay)))
    throw new QuotaExceeded(
      'quota-exceeded',
      `wait for midnight UTC, or send fewer: this service may ask for ${identifiersPerDay} identifiers a day`,
      'service-identifiers-per-day',
      Math.ceil((Date.parse(day) + dayMs - now) / 1000),
    );
  const verdict = await bulkCheck(request, lists, profile, now);
  const closeSerials = denseQuestioning(
    serviceId,
    verdict.issuerKeyId,
    verdict.rows.packed,
    recent,
  );
  return { verdict, dense: closeSerials !== undefined, closeSerials: closeSerials ?? 0 };
}

const dayMs = 86_400_000;
