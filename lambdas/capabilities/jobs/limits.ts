/**
 * All limits of bulk jobs with their reasons. Sizes in octets, times in milliseconds unless the
 * name says otherwise.
 */
export const jobLimits = {
  /** A row by serial is 10 to 110 octets: 2 GiB is every card in the country, twice. */
  uploadBytes: 2 * 1024 ** 3,
  /**
   * Decompressed size. gzip compresses such rows 3 to 8 times, a decompression bomb 1,000 times.
   */
  plainBytes: 6 * 1024 ** 3,
  /**
   * Rows compress to a third, repetitive columns to a twentieth, a decompression bomb to a
   * thousandth. An upload that expands beyond this ratio, plus an allowance for small files, is not
   * a file of rows.
   */
  expansion: 100,
  expansionAllowance: 16 * 1024 ** 2,
  /**
   * Jobs of one service that await an upload or are being processed: ten jobs of 20 concurrent
   * chunks leave Lambda concurrency for others.
   */
  activeJobs: 10,
  /** Jobs of one service, including ended ones that can still be read. */
  keptJobs: 1000,
  /**
   * Storage of one service, uploads and results: ten uploads of the maximum size, and their
   * results.
   */
  storedBytes: 64 * 1024 ** 3,
  /** About 98 million cards, once each. Also keeps the number of chunks below 2,000. */
  lines: 120_000_000,
  /**
   * A row names one certificate. A longer line means that the upload is not text with one row per
   * line; without a limit, planning would buffer the whole file.
   */
  lineBytes: 64 * 1024,
  /** One worker holds a chunk with its results in memory: about 10 times this size. */
  chunkBytes: 8 * 1024 ** 2,
  /**
   * By serial: most rows are decided in memory, so a chunk takes seconds of a worker's 15 minutes.
   */
  chunkLinesBySerial: 100_000,
  /** By PPID: two table reads for each row, batches of 100; 50,000 rows take about a minute. */
  chunkLinesByPpid: 50_000,
  /** Concurrent reads of persons in one chunk: occupies a worker without overloading the table. */
  concurrentFinds: 64,
  /**
   * Questions to a responder at once from one chunk. With the 20 chunks of a job, 40 wait for answers;
   * a responder that answers within 100 ms is asked 400 times a second, twice as often as by all logins of
   * 100 million people in the busiest hour, and a slower one less often. What J-LIS allows is not published.
   */
  ocspAtOnce: 2,
  /**
   * 1,000 questions, two at once, take 50 s at 100 ms an answer, and fit into a chunk's time up to 1.2 s
   * an answer.
   */
  chunkLinesByOcsp: 1_000,
  /**
   * Time of a chunk's questions by OCSP, since its attempt began: afterwards its rows are unknown
   * (`time-budget-spent`), and lists alone answer under `auto`. Five of Lambda's 15 minutes remain to write the result.
   */
  ocspChunkMs: 600_000,
  /** After a responder was unreachable or did not answer, before this worker asks it again. */
  ocspPauseMs: 1_000,
  /**
   * 100 chunks, 20 at once: with a responder that never answers in time, five rounds of ten minutes, half
   * of a job's two hours.
   */
  ocspLines: 100_000,
  /** Revocation dates whose text a worker caches: more than ten years of days. */
  dayTextsKept: 4_096,
  /**
   * A 10 Mbit/s line needs half an hour for 2 GiB; S3 checks the URL at the start of the upload.
   */
  uploadUrlSeconds: 3600,
  /**
   * Long enough to start a download; `GET` returns a new URL at any time. Short, because a
   * suspended service cannot get a new URL but can use an issued one; equal to the time for which a
   * cached authorization is trusted.
   */
  resultUrlSeconds: 60,
  /** Jobs not started by then are deleted. */
  awaitingUploadMs: 24 * 3600_000,
  /**
   * Results can be fetched for a week; the bucket's lifecycle rule deletes the files a day later.
   */
  resultsMs: 7 * 24 * 3600_000,
  /**
   * Timeout of the state machine. Must be shorter than the time that a replaced generation of a
   * list is kept, because a job uses the generations fixed at its start.
   */
  runMs: 2 * 3600_000,
} as const;
