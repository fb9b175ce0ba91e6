export const eventLimits = {
  /** About 300 octets an event: 150 KB, and at most six transactions of the feed. */
  eventsPerPage: 500,
  /** The octets of a cursor in base64url: 172 today. */
  cursorCharacters: 400,
  /** Persons told at once, each with some reads and writes of a few milliseconds. */
  lookUpsAtOnce: 16,
  /** Leaves three of the function's 15 minutes to end the announcements that it has begun. */
  deliveryMs: 12 * 60_000,
} as const;
