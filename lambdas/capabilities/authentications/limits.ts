export const loginLimits = {
  /** A login is of a moment: its answer is repeated for a connection that broke, not for a session. */
  answerKeptMs: 5 * 60_000,
} as const;
