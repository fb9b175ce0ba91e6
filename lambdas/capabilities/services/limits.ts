export const serviceLimits = {
  /** Two keys for a rollover, for each of a few machines; more is a mistake. */
  keys: 8,
  /** Seconds. A week: an applicant sends the set by mail, and the operator registers it. */
  proofSeconds: 604_800,
  /** Seconds that an applicant's clock may differ. */
  clockToleranceSeconds: 30,
} as const;
