export const webhookLimits = {
  /** Longer addresses are data in disguise. */
  urlCharacters: 500,
  /** A receiver acknowledges first and reads its feed afterwards. */
  answerMs: 10_000,
  /** Hours in a row without an acknowledgement after which an endpoint is asked no more: three days. */
  failedHours: 72,
} as const;
