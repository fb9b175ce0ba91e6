/** Times of the PC/SC port, in milliseconds, each with the reason for its number. */
export const pcscLimits = {
  /** One wait for a change: a reader list or a service that changed is noticed after it at the latest. */
  waitSliceMs: 500,
  /** Between two tries while there is no service or no reader: a person plugs one in meanwhile. */
  retryMs: 250,
  /** For another program to end its transaction: theirs should be as short as ours, under a second. */
  busyMs: 3000,
  /** For the PIN pad: half a minute to look up and enter a PIN, as pads have it themselves. */
  pinPadSeconds: 30,
} as const;
