export const adapterLimits = {
  /** An answer contains two hashes and two serial numbers. */
  linkageAnswerBytes: 4_096,
  /** DynamoDB's maximum number of items in a BatchWriteItem. */
  writesPerBatch: 25,
  /** DynamoDB's maximum number of keys in a BatchGetItem. */
  readsPerBatch: 100,
  /** About 64 MB of pages, a quarter of a list with 20 million entries. */
  cachedPages: 16_384,
  /**
   * One filter for each layer in use: for each anchor today's list and, around its switch,
   * yesterday's.
   */
  cachedFilters: 4,
  /**
   * From this number of serials per call, loading the filter (1.2 MB per million entries, once per
   * process) is cheaper than reading a page for each.
   */
  filterWorthwhileSerials: 500,
  /** Concurrent BatchGetItem requests. */
  concurrentPageReads: 8,
  /**
   * A longer run has failed: the gateway times out after 29 s, and no such function runs longer.
   */
  idempotentRunMs: 30_000,
  /** How long an Idempotency-Key remains bound to its request, whatever the outcome. */
  idempotentKeyMs: 24 * 3_600_000,
  /** Pauses of 10 to 20 ms, doubled each time: 300 to 600 ms in total. */
  conflictTries: 6,
  /**
   * Tries of a conditional write to a service's shares; each failure means that another write
   * succeeded.
   */
  shareTries: 10,
  /**
   * The table holds about five items for each service (clients, names): reading all services is
   * rare enough for a scan.
   */
  servicesScannedAtOnce: 200,
  /** A new subject's bucket is chosen at random among this many, whose keys are fetched at once. */
  bucketKeysAhead: 64,
  /**
   * Keys cached by a warm function: twice the number of buckets, which leaves room for the
   * often-used keys of services.
   */
  keysKept: 8_192,
  /** This many octets of a download suffice to recognise PEM, gzip, HTML, UTF-16 or LDIF. */
  formHeadOctets: 512,
  /**
   * LDAP cannot stream a value: the list is held in memory whole, more than once, while it is
   * parsed.
   */
  ldapListOctets: 268_435_456,
  /** Names and framing around the value of an LDAP answer. */
  ldapFramingOctets: 65_536,
  /** Concurrent batches: 8 × 25 pages of 4 write units are 800 units in flight. */
  concurrentPageWrites: 8,
  /** Seconds that a layer is kept after its nextUpdate: longer than any reader or job uses it. */
  replacedListKeptSeconds: 86_400,
  /**
   * Clock differences between functions are smaller; an expired challenge is refused before this
   * look-up.
   */
  usedChallengeKeptSeconds: 3_600,
  /** Three tries, and a failed read of the filter, fit into the 28 s of a bulk check. */
  tableTryMs: 5_000,
  /**
   * A warm function reads the pointer again after this time, so that a new generation is used
   * everywhere within it.
   */
  pointerKeptMs: 5_000,
  /**
   * S3 requires 5 MiB for every part but the last and allows 10,000 parts: up to 160 GB with this
   * size.
   */
  resultPartBytes: 16 * 1024 ** 2,
  /** Share of the available time after which a second, concurrent try starts. */
  ocspSecondTryShare: 0.6,
  /** Less time than this does not suffice for a connection and an answer. */
  ocspMinimumTryMs: 20,
  /** RFC 6960 §A.1: GET may be used where the whole URL "is less than 255 bytes". */
  ocspGetUrlOctets: 255,
  /**
   * How long an unresponsive responder is skipped if another source can answer: long enough that
   * not every request waits for it, short enough that it is soon used again after recovery.
   */
  ocspFailureRememberedMs: 5_000,
  /** A trust profile names only a few responders. */
  ocspRespondersRemembered: 32,
} as const;
