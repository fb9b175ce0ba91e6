/** Port: `jti` values of used client assertions (RFC 7523 §3). Throws `dependency-unavailable`. */
export interface AssertionStore {
  /**
   * Returns true for the first caller with this `jti`, by one conditional write. Times in ms since
   * 1970; the entry may be deleted after `expiresAt`.
   */
  firstUse(clientId: string, jti: string, expiresAt: number, now: number): Promise<boolean>;
}
