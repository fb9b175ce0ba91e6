/** Bounds of the store of lists, as docs/limits.md shows them. */
export const storeLimits = {
  /** RFC 5280 §4.1.2.2; a sign octet may stand before them. */
  serialOctets: 20,
  /** Twenty octets with a sign octet, or as many padded, in hex. */
  serialHexDigits: 42,
  /** Downloads of one list at a time of loading: a transfer that broke off is mended by another. */
  downloads: 3,
  /** 20 octets between separators, with room for blanks; 49 decimal digits are fewer. */
  serialCharacters: 96,
  /** So many serials must show a digit a–f before hex is believed of them without being said. */
  serialsThatTell: 10,
} as const;
