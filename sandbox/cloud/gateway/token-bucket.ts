/** What a throttle lets through: so many a second, so many at once. */
export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

/**
 * Token buckets by name, as API Gateway throttles: each request takes a token, tokens come back at the
 * rate, and no more than the burst are kept.
 */
export class TokenBuckets {
  readonly #levels = new Map<string, { tokens: number; at: number }>();
  readonly #elapsedMs: () => number;

  /** @param elapsedMs a clock that nobody moves */
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
