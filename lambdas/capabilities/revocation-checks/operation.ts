import {
  bulkCheck,
  type BulkLists,
  type BulkRequest,
  type BulkVerdict,
} from '../../crl-store/lookup/bulk-check.ts';
import { closeSerials } from '../../crl-store/lookup/close-serials.ts';
import { QuotaExceeded } from '../../errors.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import type { CheckQuota } from './check-quota.ts';
import { revocationCheckLimits } from './limits.ts';

export interface BulkCheckPorts {
  readonly lists: BulkLists;
  readonly profile: TrustProfile;
  readonly quota: CheckQuota;
  /** Identifiers of one service in a day. */
  readonly identifiersPerDay: number;
}

export interface CountedVerdict {
  readonly verdict: BulkVerdict;
  /** The serials are denser than any register's: the client is enumerating them. */
  readonly dense: boolean;
  /** How many lie close to another one. */
  readonly closeSerials: number;
}

/**
 * Answers for many serials, each row counted on the service's day, whatever its answer.
 * @throws MyKeyError `quota-exceeded`, `issuer-unknown`, `serials-ambiguous`
 */
export async function checkForService(
  serviceId: string,
  request: BulkRequest,
  { lists, profile, quota, identifiersPerDay }: BulkCheckPorts,
  now: number,
): Promise<CountedVerdict> {
  const day = new Date(now).toISOString().slice(0, 10);
  const { length } = request.serials;
  if (!(await quota.take(serviceId, day, length, identifiersPerDay)))
    throw new QuotaExceeded(
      'quota-exceeded',
      `wait for midnight UTC, send fewer, or use a bulk job: this service may ask for ${identifiersPerDay} identifiers a day`,
      'service-identifiers-per-day',
      Math.ceil((Date.parse(day) + dayMs - now) / 1000),
    );
  const verdict = await bulkCheck(request, lists, profile, now);
  const { packed } = verdict.rows;
  const close = closeSerials(packed, revocationCheckLimits.closeDistance);
  const dense =
    packed.count >= revocationCheckLimits.denseFrom &&
    close >= packed.count * revocationCheckLimits.denseShare;
  return { verdict, dense, closeSerials: close };
}

const dayMs = 86_400_000;
