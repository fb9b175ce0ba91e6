export const ingestionLimits = {
  /** Four lists of 20 million take 2 GB together, inside the function's 3. */
  concurrentLists: 4,
  /** Lists come once a day; a source that nobody tried for longer was missed. */
  missedAfterMs: 25 * 3_600_000,
} as const;
