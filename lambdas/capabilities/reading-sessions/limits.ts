const minute = 60_000;

export const readingLimits = {
  /** From the opening of a session to the claim of its ticket: a page does both at once. */
  ticketMs: 5 * minute,
  /** From the claim to the result: the life of the challenge that the card signs. */
  readingMs: 5 * minute,
  /** From the opening: until then the service gets the outcome. */
  keptMs: 15 * minute,
  /** What the person at the reader has to put a card on it. */
  cardMs: 2 * minute,
  /** An agent before this one is refused. */
  minimumAgentVersion: '0.1.0',
} as const;
