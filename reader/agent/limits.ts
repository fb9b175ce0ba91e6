export const agentLimits = {
  /** Maximum size of a request: a ticket and a PIN, or a pairing code. */
  bodyOctets: 16 * 1024,
  /** Timeout of a call to the platform: longer than the platform's own 10 s for a login. */
  platformTimeoutMs: 15_000,
  /** Pause before the only repetition of a call: a write that was slow has ended by then. */
  repeatAfterMs: 500,
  /** Time to copy the code from one screen to another. */
  pairingCodeLifeMs: 5 * 60_000,
  /** Tries at 10^8 codes: guessing is infeasible, typing errors are tolerated. */
  pairingCodeAttempts: 5,
} as const;
