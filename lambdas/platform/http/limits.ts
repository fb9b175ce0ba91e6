const kib = 1024;

/** Maximum request bodies in octets; 0 for routes without a body. */
export const bodyLimits = {
  /** A few short fields, or eight public keys. */
  fields: 16 * kib,
  /**
   * A JPKI certificate has about 1.5 KiB, and a chain of five with RSA-4096 less than 16 KiB;
   * base64 adds a third.
   */
  certificates: 64 * kib,
  /** Lambda accepts 6 MB in a synchronous call, including the event around the body. */
  bulk: 5_500_000,
} as const;

/** Maximum response bodies in octets. */
export const answerLimits = {
  /** Lambda returns at most 6 MiB; each quotation mark takes one more octet inside the envelope. */
  bulk: 6_200_000,
} as const;

/** Fields shared by several capabilities. */
export const fieldLimits = {
  /** Library cards, patient numbers and addressee codes stay under 32; a UUID has 36. */
  userNumberCharacters: 64,
  /** A My Key ID has eight; people write blanks and hyphens between them. */
  writtenMyKeyIdCharacters: 32,
  /** Full names of municipalities' bodies and their services stay under 60. */
  nameCharacters: 120,
  /** A name of a trust anchor or of a column; an issuer key id has 64. */
  labelCharacters: 64,
  /** What a person says is wrong, or why it is not: some sentences. */
  statementCharacters: 400,
} as const;

/** Stored answers of requests with an Idempotency-Key. */
export const repeatLimits = {
  /** One day: a client that was down overnight can still repeat its requests safely. */
  answerKeptMs: 24 * 3_600_000,
} as const;
