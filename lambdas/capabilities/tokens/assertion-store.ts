/** Port: client assertions that were used (RFC 7523 §3, jti). Throws `dependency-unavailable`. */
export interface AssertionStore {
  /**
   * True for the first caller with this `jti`, by one conditional write. Times in ms since 1970;
   * it may be forgotten after `expiresAt`.
   */
  firstUse(clientId: string, jti: string, expiresAt: number, now: number): Promise<boolean>;
}
