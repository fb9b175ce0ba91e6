export const linkLimits = {
  /** 500 transactions of four items, ten at once, take 3 to 5 s of the 15 s that the function has. */
  importRows: 500,
  /** Rows that are written at the same time. */
  rowsAtOnce: 10,
} as const;
