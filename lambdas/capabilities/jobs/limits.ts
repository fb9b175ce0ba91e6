/**
 * Every number of a bulk job, with what it comes from. Sizes in bytes, times in milliseconds unless
 * the name says otherwise.
 */
export const jobLimits = {
  /** A row by serial is 10 to 110 bytes: 2 GiB is every card in the country, twice. */
  uploadBytes: 2 * 1024 ** 3,
  /** After gunzip. gzip shrinks such rows 3 to 8 times; a bomb shrinks 1,000 times. */
  plainBytes: 6 * 1024 ** 3,
  /**
   * Rows pack to a third, columns that repeat to a twentieth; a bomb to a thousandth. What unpacks
   * to more than so many times the upload, beyond an allowance for small files, is no file of rows.
   */
  expansion: 100,
  expansionAllowance: 16 * 1024 ** 2,
  /** Of one service, uploads awaited or worked on: ten times 20 chunks leave functions for others. */
  activeJobs: 10,
  /** Of one service, with those that have ended and can be read. */
  keptJobs: 1000,
  /** Of one service, uploads and results: ten uploads of the largest size, and their results. */
  storedBytes: 64 * 1024 ** 3,
  /** About 98 million cards, each once. Also keeps the list of chunks under 2,000 entries. */
  lines: 120_000_000,
  /**
   * A row names one certificate. A longer line means that the upload is not a text of rows, and the
   * plan must not look for its end for ever.
   */
  lineBytes: 64 * 1024,
  /** One chunk is held in memory by one worker, with its answers: about 10 times its bytes. */
  chunkBytes: 8 * 1024 ** 2,
  /** By serial: memory decides nearly every row, so a chunk takes seconds of a worker's 15 minutes. */
  chunkLinesBySerial: 100_000,
  /** By PPID: two table reads a row, 100 in a batch; 50,000 rows take about a minute. */
  chunkLinesByPpid: 50_000,
  /** Reads of persons at once for one chunk: keeps a worker busy without flooding the table. */
  concurrentFinds: 64,
  /** Dates of revocation whose text a worker keeps: ten years of days, and more. */
  dayTextsKept: 4_096,
  /** A phone line of 10 Mbit/s needs half an hour for 2 GiB; S3 checks the URL at the start of the upload. */
  uploadUrlSeconds: 3600,
  /**
   * Long enough for a download to begin; `GET` gives a fresh one at any time. It ends with the service:
   * who is suspended gets no other, and this one is as short as a token is trusted without asking.
   */
  resultUrlSeconds: 60,
  /** Not started by then: gone. */
  awaitingUploadMs: 24 * 3600_000,
  /** Results can be fetched for a week; the bucket's life cycle deletes the files a day later. */
  resultsMs: 7 * 24 * 3600_000,
  /**
   * The state machine's own limit. It must stay under the time that a replaced generation of a list
   * is kept, because a job answers from the generations that it pinned when it began.
   */
  runMs: 2 * 3600_000,
} as const;
