export const resealLimits = {
  /** Parts of the table that are scanned side by side: each occupies one function instance. */
  segments: 64,
  /** Records of a page: some 20 persons, less than two seconds; time is looked at between pages. */
  recordsPerPage: 200,
  /** A call ends after this time and a page; API Gateway waits 29 s. In milliseconds. */
  callMs: 15_000,
  /** A cursor names a position in the table and is sealed. */
  cursorCharacters: 2_048,
} as const;
