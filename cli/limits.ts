export const cliLimits = {
  /** A job of a million rows takes some seconds; one of many millions is not slowed by being asked. */
  pollMs: 1_000,
  /** The platform may be deployed anew, or a train in a tunnel: so often in a row is waited. */
  missedPolls: 30,
  /** A call that hangs is worse than one that fails: the API gateway itself gives up after 29 s. */
  callTimeoutMs: 30_000,
  /** RFC 7523 §3: short-lived; the platform takes five minutes at most. */
  assertionSeconds: 120,
  /** A clock that differs by less is not why an assertion of two minutes is refused. */
  noticedSkewMs: 30_000,
} as const;
