export const eventLimits = {
  /** About 300 octets an event: 150 KB, and at most six transactions of the feed. */
  eventsPerPage: 500,
  /** The octets of a cursor in base64url: 172 today. */
  cursorCharacters: 400,
} as const;
