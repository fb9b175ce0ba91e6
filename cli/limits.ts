export const cliLimits = {
  /**
   * A job of a million rows takes some seconds; polling at this interval does not slow longer jobs.
   */
  pollMs: 1_000,
  /**
   * Number of consecutive failures to wait out: the platform may be redeploying, or the network
   * interrupted.
   */
  missedPolls: 30,
  /** Timeout of a call: the API gateway itself times out after 29 s. */
  callTimeoutMs: 30_000,
  /** RFC 7523 §3: short-lived; the platform accepts at most five minutes. */
  assertionSeconds: 120,
  /** Smaller clock differences cannot be the reason why an assertion of two minutes is refused. */
  noticedSkewMs: 30_000,
  /** How long the next card is waited for before the readers are looked at anew. */
  cardWaitMs: 60_000,
  /** Between two looks whether the card was taken away: faster than a hand. */
  cardLookMs: 300,
  /** While reader or platform are away: the pace at which a person would ask again. */
  awayPauseMs: 5_000,
  /** A kiosk without a key pressed: who has left must not be found by the next person. */
  kioskIdleMs: 30_000,
  /** How long a kiosk shows an outcome: enough to read two lines. */
  kioskOutcomeMs: 4_000,
} as const;
