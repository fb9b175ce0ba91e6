export const serviceLimits = {
  /** Two keys for a rollover, for each of a few machines; more is a mistake. */
  keys: 8,
  /** Seconds. One week: the applicant mails the set, and the operator registers it. */
  proofSeconds: 604_800,
  /** Allowed difference of an applicant's clock, in seconds. */
  clockToleranceSeconds: 30,
} as const;
