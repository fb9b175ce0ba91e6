import { closeSerials, serialNumbers } from '../../crl-store/lookup/close-serials.ts';
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
  const asked = serialNumbers(serials);
  const lately = recent.add(serviceId, issuerKeyId, asked);
  return closeIfDense(asked) ?? closeIfDense(lately);
}

function closeIfDense(serials: Float64Array): number | undefined {
  const { closeDistance, denseFrom, denseShare } = revocationCheckLimits;
  if (serials.length < denseFrom) return undefined;
  const close = closeSerials(serials, closeDistance);
  return close >= serials.length * denseShare ? close : undefined;
}
