import { findCertificate, type Reason, type Registry } from './registry.ts';
import { syntheticRevocation } from './synthetic-revocations.ts';

export type KnownStatus = 'good' | 'unknown' | { readonly at: number; readonly reason: Reason };

/** The current status of a serial at J-LIS; `unknown` if it was never issued. */
export function statusOf(registry: Registry, anchorId: string, serial: number): KnownStatus {
  const record = findCertificate(registry, anchorId, serial);
  if (record) return record.revocation ?? 'good';
  for (const block of registry.synthetic) {
    if (block.anchorId !== anchorId) continue;
    const revocation = syntheticRevocation(block, serial);
    if (revocation) return revocation;
  }
  return 'unknown';
}
