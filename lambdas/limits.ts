export const jsonLimits = {
  /** Requests nest four deep at most (errors in rows in a page in a document). */
  nesting: 32,
} as const;
