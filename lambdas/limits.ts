export const jsonLimits = {
  /** Requests nest at most four levels deep (errors in rows in a page in a document). */
  nesting: 32,
} as const;
