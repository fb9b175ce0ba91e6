export const linkLimits = {
  /** 500 transactions of four items, ten at once, take 3 to 5 s of the function's 15 s. */
  importRows: 500,
  /** Rows written concurrently. */
  rowsAtOnce: 10,
} as const;
