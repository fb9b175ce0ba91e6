export const serviceLimits = {
  /** Two keys for a rollover, for each of a few machines; more is a mistake. */
  keys: 8,
} as const;
