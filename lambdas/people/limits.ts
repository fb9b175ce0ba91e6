export const peopleLimits = {
  /** A lost race finds what the winner wrote; a fourth loss is no race. */
  raceRounds: 4,
  /** DynamoDB takes so many items in one transaction. */
  changesPerWrite: 100,
  /** A certificate lives five years, ten at most: sixteen renewals are more than a life of them. */
  renewals: 16,
  /** The age of a kept answer is told to this; a nightly run does not rewrite every person. */
  signatureAnswerKeptMs: 7 * 86_400_000,
  /** An operator merges rarely, and never in a circle: a longer way is a broken record. */
  merges: 8,
} as const;
