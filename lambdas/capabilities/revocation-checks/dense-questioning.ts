import {
  closePackedSerials,
  closeSerials,
  serialNumbers,
} from '../../crl-store/lookup/close-serials.ts';
import type { PackedSerials } from '../../crl-store/format/packed-serials.ts';
import { revocationCheckLimits } from './limits.ts';
import type { RecentSerials } from './recent-serials.ts';

/**
 * Whether a service asks for serials that are denser than any register's, in this question or across
 * its latest ones: it is enumerating them.
 *
 * @returns how many lie close to another one; undefined if no more than by chance
 */
export function denseQuestioning(
  serviceId: string,
  issuerKeyId: string,
  serials: PackedSerials,
  recent: RecentSerials,
): number | undefined {
  const { closeDistance, recentSerials } = revocationCheckLimits;
  const latest = serialNumbers(serials, Math.max(0, serials.count - recentSerials));
  const lately = recent.add(serviceId, issuerKeyId, latest);
  return (
    ifDense(serials.count, () => closePackedSerials(serials, closeDistance)) ??
    ifDense(lately.length, () => closeSerials(lately, closeDistance))
  );
}

function ifDense(serials: number, closeOnes: () => number): number | undefined {
  const { denseFrom, denseShare } = revocationCheckLimits;
  if (serials < denseFrom) return undefined;
  const close = closeOnes();
  return close >= serials * denseShare ? close : undefined;
}
