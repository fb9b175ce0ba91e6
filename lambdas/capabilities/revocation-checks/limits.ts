export const revocationCheckLimits = {
  /** Rows in one call. With serials of 20 octets the request takes 4.5 MB of Lambda's 6. */
  serials: 100_000,
} as const;
