export const adapterLimits = {
  /** An answer holds two hashes and two serials. */
  linkageAnswerBytes: 4_096,
  /** DynamoDB takes so many items in a BatchWriteItem. */
  writesPerBatch: 25,
  /** DynamoDB takes so many keys in a BatchGetItem. */
  readsPerBatch: 100,
  /** About 64 MB of pages, a quarter of a list of 20 million. */
  cachedPages: 16_384,
  /** Filters of so many layers: of each anchor the list of today and, about its switch, of yesterday. */
  cachedFilters: 4,
  /** From so many serials a call on, loading the filter (1.2 MB a million entries, once a process) is cheaper than reading a page for each. */
  filterWorthwhileSerials: 500,
  /** BatchGet requests under way at once. */
  concurrentPageReads: 8,
  /** A run that takes longer died: the gateway gives up after 29 s, and no function lives longer. */
  idempotentRunMs: 30_000,
  /** How long a key stands for its request, whatever that came to. */
  idempotentKeyMs: 24 * 3_600_000,
  /** Waits of 10 to 20 ms, doubled each time: 300 to 600 ms in all. */
  conflictTries: 6,
  /** Conditional writes of a service's shares that another one got ahead of: each time somebody has got on. */
  shareTries: 10,
  /** Services stand among their clients and names, some five items each: rare enough for a scan. */
  servicesScannedAtOnce: 200,
  /** A new subject's bucket is drawn among so many random ones, whose keys are fetched at once. */
  bucketKeysAhead: 64,
  /** Keys that a warm function keeps: twice the buckets. A person's history is opened rarely, a service's entry day and night. */
  keysKept: 8_192,
  /** So many octets of a download tell PEM, gzip, HTML, UTF-16 or LDIF. */
  formHeadOctets: 512,
  /** LDAP has no streams: the list is held whole, more than once, while it is parsed. */
  ldapListOctets: 268_435_456,
  /** Names and framing around the value of an LDAP answer. */
  ldapFramingOctets: 65_536,
  /** Batches under way at once: 8 × 25 pages of 4 units are 800 write units in flight. */
  concurrentPageWrites: 8,
  /** Seconds that a layer outlives its nextUpdate: longer than any reader or job holds on to it. */
  replacedListKeptSeconds: 86_400,
  /** Functions' clocks differ by less; a challenge past its own time is refused before this is asked. */
  usedChallengeKeptSeconds: 3_600,
  /** Three tries, and a filter that does not come either, stay inside the 28 s of a bulk check. */
  tableTryMs: 5_000,
  /** A warm function asks again which list serves after this: a switch reaches everybody within it. */
  pointerKeptMs: 5_000,
  /** S3 wants 5 MiB in every part but the last and takes 10,000: up to 160 GB in this size. */
  resultPartBytes: 16 * 1024 ** 2,
  /** Share of the time after which the second try starts beside the first. */
  ocspSecondTryShare: 0.6,
  /** Less than this is no time for a connection and an answer. */
  ocspMinimumTryMs: 20,
  /** RFC 6960 §A.1: GET may be used where the whole URL "is less than 255 bytes". */
  ocspGetUrlOctets: 255,
  /** How long a responder that did not answer is left alone where another source can answer. Long enough that not every caller waits for it, short enough that nobody notices when it is back. */
  ocspFailureRememberedMs: 5_000,
  /** A trust profile names a handful. */
  ocspRespondersRemembered: 32,
} as const;
