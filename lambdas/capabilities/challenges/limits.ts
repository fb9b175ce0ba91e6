export const challengeLimits = {
  /** Time for a person to find the card and enter the PIN. */
  lifetimeMs: 5 * 60_000,
} as const;
