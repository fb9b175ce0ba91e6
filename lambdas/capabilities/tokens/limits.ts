export const tokenLimits = {
  /** Seconds. What is withdrawn stops within a minute; a leaked token is good for so long. */
  lifetimeSeconds: 600,
  /** Seconds. RFC 7523 §3 wants exp; what lives longer is a password. */
  assertionSeconds: 300,
  /** Seconds that an integrator's clock may differ. */
  clockToleranceSeconds: 30,
  /** No client id is longer; the store of clients would refuse one of 2 KB as a key. */
  clientIdCharacters: 64,
  /** Seconds that the clocks of two functions may differ. */
  functionClocksSeconds: 30,
} as const;
