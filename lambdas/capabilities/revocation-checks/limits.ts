export const revocationCheckLimits = {
  /** Rows in one call. With serials of 20 octets the request takes 4.5 MB of Lambda's 6 MB. */
  serials: 100_000,
  /**
   * Serials of one counter of about 2^27: 100,000 of a register lie 1,300 apart, and one in 80 of them
   * has another within 16. Steps of up to 16 do not hide a count.
   */
  closeDistance: 16,
  /** Twenty times what 100,000 by chance come to: cards issued at one counter on one day stay below. */
  denseShare: 0.25,
  /** A household or a class is no count. */
  denseFrom: 100,
  /** Of each service, across calls: 16 KiB of memory; merged and sorted in about a millisecond. */
  recentSerials: 2_048,
  /** In one instance of the function: 2 MiB at most. */
  recentServices: 128,
} as const;
