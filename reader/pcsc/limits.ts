/** Times of the PC/SC port, in milliseconds, each with the reason for its number. */
export const pcscLimits = {
  /**
   * Longest wait for a state change: a changed reader list or service is noticed within this time.
   */
  waitSliceMs: 500,
  /** Pause between tries while there is no service or no reader: a person may connect one. */
  retryMs: 250,
  /**
   * Wait for another program to end its transaction, which should take less than a second, like
   * ours.
   */
  busyMs: 3000,
  /** PIN pad timeout: half a minute to enter a PIN, as pads use by default. */
  pinPadSeconds: 30,
} as const;
