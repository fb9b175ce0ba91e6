export const peopleLimits = {
  /**
   * A lost race is resolved by reading what the other write stored; four lost races indicate
   * another fault.
   */
  raceRounds: 4,
  /** DynamoDB's maximum number of items in one transaction. */
  changesPerWrite: 100,
  /** A certificate is valid for five years, at most ten: sixteen renewals exceed a lifetime. */
  renewals: 16,
  /**
   * A stored answer younger than this is not renewed, so that a nightly run does not rewrite every
   * person.
   */
  signatureAnswerKeptMs: 7 * 86_400_000,
  /**
   * A split changes up to four records for each certificate that leaves, and ten others, in one
   * transaction of 100.
   */
  certificatesPerSplit: 20,
  /** Handles that operators hold: longer than a working day, so that a case can be finished. */
  handleMs: 24 * 3_600_000,
  /** Requests for correction of one person that wait: who sends more than these asks for less. */
  openCorrections: 8,
  /** The second operator approves within this time; afterwards the act is proposed again. */
  proposalMs: 14 * 86_400_000,
  /**
   * Records merged into one person: each is rewritten by the next merge, in one transaction of 100
   * changes.
   */
  mergedRecords: 64,
  /** Every merge leads all records to the survivor at once: a longer chain is a corrupt record. */
  merges: 8,
  /** With names of 64 characters, about 3 KB: a login still reads one unit of 4 KB. */
  consentsPerPerson: 16,
  /**
   * Days whose due deletions the sweep looks at again: one query a day, and time enough to notice a
   * sweep that does not run.
   */
  sweptDays: 60,
  /** A service that was away for a month can still read everything that it missed. */
  eventsKeptMs: 30 * 86_400_000,
  /** The head, the events and one deletion for each fill a transaction of 100 changes. */
  eventsPerBatch: 98,
  /** Contention for a feed's head: many functions may release events of one service at once. */
  feedRounds: 12,
  /**
   * Persons of an export page looked up at once: a million links are 3,900 a page, which take about 3 s
   * of the function's 15 s.
   */
  exportedAtOnce: 25,
} as const;
