/** Limits of the store of CRLs; docs/limits.md lists them. */
export const storeLimits = {
  /** RFC 5280 §4.1.2.2, without a leading zero octet. */
  serialOctets: 20,
  /** Twenty octets with a leading zero octet, in hex. */
  serialHexDigits: 42,
  /** Downloads of one CRL for each load: a new download may succeed after an interrupted one. */
  downloads: 3,
  /** 20 octets with separators and spaces; the 49 decimal digits of 20 octets are fewer. */
  serialCharacters: 96,
  /**
   * From this number of serial numbers, hex is assumed only if enough of them have a digit a–f. Of
   * five with seven hex digits, none has one in 1 of 14 million files.
   */
  serialsToDetectHex: 5,
  /** About 40,000 entries of a list: some 10 MB in memory, and a second of reading. */
  pagesPerComparison: 100,
} as const;
