/** Budgets of one reading, each with the reason for its number. */
export const limits = {
  /** Certificates have about 1.5 KiB, the four attributes under 1 KiB; READ BINARY reaches 32 KiB. */
  fileOctets: 8 * 1024,
  /** A reading needs about 40 commands; short reads of 16 octets make it some 300. */
  commands: 1500,
  /** `61xx` after `61xx`: an answer has at most a few parts. */
  responseParts: 40,
  /** Length octets after the first of a BER length: 16 MiB would not fit a card. */
  lengthOctets: 2,
} as const;
