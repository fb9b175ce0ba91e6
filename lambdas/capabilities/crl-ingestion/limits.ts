export const ingestionLimits = {
  /** Four lists of 20 million entries take 2 GB together, within the function's 3 GB. */
  concurrentLists: 4,
  /** Lists are published daily; a source without an attempt for longer than this was missed. */
  missedAfterMs: 25 * 3_600_000,
} as const;
