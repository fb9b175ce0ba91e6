/** In milliseconds: the screen in its kiosk form. */
export const kioskLimits = {
  /** Without a touch or key while digits are entered: then the holder is warned. */
  idleMs: 30_000,
  /** From the warning to the start: WCAG 2.2.1 asks for 20 s at least. */
  warningMs: 20_000,
  /** How long an outcome stays at least: enough to read two lines in one's second language. */
  outcomeMs: 4_000,
  /** Between two looks whether a card lies on the reader: a person hardly notices it. */
  lookMs: 500,
  /** While the reader program is away: the pace at which a person would look again. */
  awayMs: 5_000,
  /** From the demand for a ticket: opening a session takes less than a second. */
  ticketMs: 15_000,
} as const;
