export const rightsLimits = {
  /** As for a login: reading the text, entering the PIN, and a second try of it. */
  challengeMs: 5 * 60_000,
  /** Lambda ends the sweep after 15 minutes; the last person's deletion takes seconds. */
  sweepRunMs: 13 * 60_000,
} as const;
