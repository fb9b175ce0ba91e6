export const tokenLimits = {
  /**
   * Seconds. Withdrawals take effect within a minute; a leaked token remains usable for at most
   * this long.
   */
  lifetimeSeconds: 600,
  /** Seconds. RFC 7523 §3 requires exp; a long-lived assertion would be a password. */
  assertionSeconds: 300,
  /** Allowed difference of an integrator's clock, in seconds. */
  clockToleranceSeconds: 30,
  /** Client ids are shorter; DynamoDB would refuse a 2 KB partition key. */
  clientIdCharacters: 64,
  /** Allowed difference between the clocks of two functions, in seconds. */
  functionClocksSeconds: 30,
} as const;
