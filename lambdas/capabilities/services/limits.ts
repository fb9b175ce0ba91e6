export const serviceLimits = {
  /** Two keys for a rollover, for each of a few machines; more is a mistake. */
  keys: 8,
  /** Cards held without a PIN at one service on a day, unless registered otherwise: ten busy counters. */
  holdsPerDay: 2_000,
  /** The largest number that can be registered: a city with several hundred counters. */
  holdsPerDayMost: 100_000,
  /** Origins, and return URLs, of the reading screen: test and production systems of one service. */
  origins: 8,
  /** Serials that a service can be allowed to check in a day: every card of the country, twenty times. */
  checkedIdentifiersPerDayMost: 2_000_000_000,
  /** Seconds. One week: the applicant mails the set, and the operator registers it. */
  proofSeconds: 604_800,
  /** Allowed difference of an applicant's clock, in seconds. */
  clockToleranceSeconds: 30,
} as const;
