import type { MethodDefinition, UsagePlanDefinition } from './api-definition.ts';
import { GatewayRefusal } from './gateway-response.ts';
import type { Call } from './incoming-call.ts';
import { TokenBuckets } from './token-bucket.ts';

export interface MeterClocks {
  /** Milliseconds since 1970 by the sandbox's clock, which defines days. */
  readonly now: () => number;
  /** Milliseconds of a monotonic clock, which measures rates. */
  readonly elapsedMs: () => number;
}

/**
 * API Gateway's limits in order: the API key's usage plan, then the method's throttle in its stage.
 * Counters are in memory: a restart of the sandbox resets them.
 */
export class Meter {
  readonly #buckets: TokenBuckets;
  readonly #now: () => number;
  readonly #used = new Map<string, { period: string; requests: number }>();

  constructor({ now, elapsedMs }: MeterClocks) {
    this.#now = now;
    this.#buckets = new TokenBuckets(elapsedMs);
  }

  /** @throws GatewayRefusal INVALID_API_KEY, THROTTLED, QUOTA_EXCEEDED */
  count(call: Call, method: MethodDefinition): void {
    if (method.apiKeyRequired) this.#countKey(call);
    const { throttle, httpMethod, resourcePath } = method;
    if (throttle && !this.#buckets.take(`method ${httpMethod} ${resourcePath}`, throttle))
      throw new GatewayRefusal('THROTTLED', 'Too Many Requests');
  }

  #countKey({ api, usageKey }: Call): void {
    const plan = usageKey === undefined ? undefined : api.usagePlans.get(usageKey);
    if (plan === undefined) throw new GatewayRefusal('INVALID_API_KEY', 'Forbidden');
    const { throttle } = plan;
    if (throttle && !this.#buckets.take(`key ${usageKey}`, throttle))
      throw new GatewayRefusal('THROTTLED', 'Too Many Requests');
    this.#countQuota(usageKey!, plan);
  }

  #countQuota(usageKey: string, { quota }: UsagePlanDefinition): void {
    if (quota === undefined) return;
    const period = new Date(this.#now()).toISOString().slice(0, quota.period === 'DAY' ? 10 : 7);
    const known = this.#used.get(usageKey);
    const requests = known?.period === period ? known.requests : 0;
    if (requests >= quota.limit) throw new GatewayRefusal('QUOTA_EXCEEDED', 'Limit Exceeded');
    this.#used.set(usageKey, { period, requests: requests + 1 });
  }
}
