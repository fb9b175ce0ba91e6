export const loginLimits = {
  /** A login answer is replayed only to recover from a lost response, not to extend a session. */
  answerKeptMs: 5 * 60_000,
} as const;
