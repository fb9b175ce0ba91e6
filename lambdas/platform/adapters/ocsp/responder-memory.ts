import type { OcspExchange } from '../../../pki/ocsp/ocsp-client.ts';

/**
 * How long a responder that did not answer is left alone where another source can answer. Long enough
 * that not every caller waits for it, short enough that nobody notices when it is back.
 */
const rememberedMs = 5_000;
/** A trust profile names a handful. */
const maximumResponders = 32;

/** Which responders just failed, in this process. A responder that answers is forgotten at once. */
export function responderMemory(now: () => number) {
  const failedAt = new Map<string, number>();
  return {
    failedRecently(url: string): boolean {
      const at = failedAt.get(url);
      return at !== undefined && now() - at < rememberedMs;
    },
    note(url: string, outcome: OcspExchange['outcome']): void {
      failedAt.delete(url);
      if (outcome !== 'timeout' && outcome !== 'unreachable') return;
      if (failedAt.size >= maximumResponders) failedAt.delete(failedAt.keys().next().value!);
      failedAt.set(url, now());
    },
  };
}
