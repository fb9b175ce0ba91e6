/** Limits of one reading, each with the reason for its value. */
export const limits = {
  /**
   * Certificates have about 1.5 KiB, the four attributes less than 1 KiB; READ BINARY can address
   * 32 KiB.
   */
  fileOctets: 8 * 1024,
  /** A reading needs about 40 commands; reads of only 16 octets increase this to some 300. */
  commands: 1500,
  /** Consecutive `61xx` responses: a response has at most a few parts. */
  responseParts: 40,
  /** Length octets after the first of a BER length: 16 MiB would exceed any card. */
  lengthOctets: 2,
} as const;
