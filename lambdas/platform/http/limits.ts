const kib = 1024;

/** Largest bodies in octets; a route without a body takes 0. */
export const bodyLimits = {
  /** A few short fields, or eight public keys. */
  fields: 16 * kib,
  /** A JPKI certificate has about 1.5 KiB and a chain of five with RSA-4096 under 16 KiB; base64 adds a third. */
  certificates: 64 * kib,
  /** Lambda takes 6 MB in a synchronous call, with the event around the body. */
  bulk: 5_500_000,
} as const;

/** Largest answers in octets. */
export const answerLimits = {
  /** Lambda takes 6 MiB back; quotes cost an octet more in its envelope. */
  bulk: 6_200_000,
} as const;

/** Of fields that several capabilities take. */
export const fieldLimits = {
  /** Library cards, patient numbers and addressee codes stay under 32; a UUID has 36. */
  userNumberCharacters: 64,
  /** Full names of municipalities' bodies and their services stay under 60. */
  nameCharacters: 120,
  /** A name of a trust anchor or of a column; an issuer key id has 64. */
  labelCharacters: 64,
} as const;

/** Stored answers of requests with an Idempotency-Key. */
export const repeatLimits = {
  /** A day: a client that was down over night still repeats safely. */
  answerKeptMs: 24 * 3_600_000,
} as const;
