const minute = 60_000;

export const readingLimits = {
  /** From opening a session to claiming its ticket; a page does both in immediate succession. */
  ticketMs: 5 * minute,
  /** From the claim to the result: the lifetime of the challenge that the card signs. */
  readingMs: 5 * minute,
  /** From the opening; until then the service can fetch the outcome. */
  keptMs: 15 * minute,
  /** From the result: until then the encrypted attributes can be fetched, once. */
  attributesKeptMs: 5 * minute,
  /** Time for the person at the reader to place a card on it. */
  cardMs: 2 * minute,
  /** Older reader programs are refused. */
  minimumAgentVersion: '0.1.0',
} as const;
