/** Bounds of the store of lists, as docs/limits.md shows them. */
export const storeLimits = {
  /** RFC 5280 §4.1.2.2; a sign octet may stand before them. */
  serialOctets: 20,
  /** Twenty octets with a sign octet, or as many padded, in hex. */
  serialHexDigits: 42,
  /** Downloads of one list at a time of loading: a transfer that broke off is mended by another. */
  downloads: 3,
} as const;
