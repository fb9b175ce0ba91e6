export const linkLimits = {
  /** Library cards, patient numbers and addressee codes stay under 32; a UUID has 36. */
  userNumberCharacters: 64,
  /** 500 transactions of four items, ten at once, take 3 to 5 s of the 15 s that the function has. */
  importRows: 500,
  /** Rows that are written at the same time. */
  rowsAtOnce: 10,
} as const;
