/** Limits of a throttle: rate per second and burst. */
export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

/**
 * Token buckets by name, as in API Gateway: each request takes a token; tokens are refilled at the
 * rate, up to the burst.
 */
export class TokenBuckets {
  readonly #levels = new Map<string, { tokens: number; at: number }>();
  readonly #elapsedMs: () => number;

  /** @param elapsedMs a monotonic clock */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  take(name: string, { rate, burst }: Throttle): boolean {
    const at = this.#elapsedMs();
    const level = this.#levels.get(name) ?? { tokens: burst, at };
    const tokens = Math.min(burst, level.tokens + ((at - level.at) / 1000) * rate);
    const taken = tokens >= 1;
    this.#levels.set(name, { tokens: taken ? tokens - 1 : tokens, at });
    return taken;
  }
}
