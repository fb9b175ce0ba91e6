import type { OcspExchange } from '../../../pki/ocsp/ocsp-client.ts';
import { adapterLimits } from '../limits.ts';

/**
 * Responders that failed recently, per process. A responder that answers is removed immediately.
 */
export function responderMemory(now: () => number) {
  const failedAt = new Map<string, number>();
  return {
    failedRecently(url: string): boolean {
      const at = failedAt.get(url);
      return at !== undefined && now() - at < adapterLimits.ocspFailureRememberedMs;
    },
    note(url: string, outcome: OcspExchange['outcome']): void {
      failedAt.delete(url);
      if (outcome !== 'timeout' && outcome !== 'unreachable') return;
      if (failedAt.size >= adapterLimits.ocspRespondersRemembered)
        failedAt.delete(failedAt.keys().next().value!);
      failedAt.set(url, now());
    },
  };
}
