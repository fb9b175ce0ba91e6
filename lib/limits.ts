export const deploymentLimits = {
  /**
   * Token requests from one address in five minutes. A token lasts ten minutes, so one shared
   * address can supply 40,000 clients; guessing is limited to 67 tries a second.
   */
  tokensPerAddress: 20_000,
  /** Equal to the retention of point-in-time recovery. */
  backupKeptDays: 35,
  /** Requests with larger bodies count as long calls, which have their own throttle. */
  heavyBodyBytes: 1024 ** 2,
  /**
   * The gateway compresses responses of at least this many KiB if the client accepts it: scripts of
   * the reference, the OpenAPI document, bulk results. Responses about one person are smaller and
   * stay uncompressed.
   */
  compressedFromKib: 64,
  /** Concurrent chunks of a job: each reads DynamoDB and holds the filters in its own memory. */
  concurrentChunks: 20,
  /** Concurrent parts of a comparison: a batch of look-ups each, and writes of one service's partition. */
  concurrentComparisons: 5,
  /** Notices to endpoints at once: one waits 10 s at most. */
  concurrentNotices: 20,
  /** CloudWatch's maximum number of metrics in the expression of one alarm. */
  metricsOfOneAlarm: 10,
} as const;
