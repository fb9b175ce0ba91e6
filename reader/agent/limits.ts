export const agentLimits = {
  /** A ticket and a PIN, or a pairing code. */
  bodyOctets: 16 * 1024,
  /** Of a call to the platform: longer than the platform's own 10 s for a login. */
  platformTimeoutMs: 15_000,
  /** To type the code from one screen into another. */
  pairingCodeLifeMs: 5 * 60_000,
  /** Of 10^8 codes: guessing is hopeless, a slip of the finger is not. */
  pairingCodeAttempts: 5,
} as const;
