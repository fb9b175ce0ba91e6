export const deploymentLimits = {
  /**
   * Tokens asked for by one address in five minutes. A token lives ten: a vendor's one address may
   * so keep 40,000 clients supplied, or guess 67 times a second.
   */
  tokensPerAddress: 20_000,
  /** As long as point-in-time recovery reaches back. */
  backupKeptDays: 35,
  /** Bodies above this are long calls, with a throttle of their own. */
  heavyBodyBytes: 1024 ** 2,
  /**
   * Answers from so many KiB on are compressed by the gateway for who accepts it: the reference's
   * scripts, the OpenAPI document, bulk results. Answers about one person stay below, and as they are.
   */
  compressedFromKib: 64,
  /** Chunks of a job at once: each reads DynamoDB and holds the filters in its own memory. */
  concurrentChunks: 20,
  /** CloudWatch takes so many metrics in the expression of one alarm. */
  metricsOfOneAlarm: 10,
} as const;
