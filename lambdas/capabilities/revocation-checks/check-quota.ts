/** Port: what a service has asked for today. Everything throws `dependency-unavailable`. */
export interface CheckQuota {
  /**
   * Counts identifiers on a service's day, in one conditional write: all of them, or none where the
   * day would then hold more than `most`.
   * @param day `2026-11-22`, UTC
   * @param once names a question that may be repeated: it is counted the first time on this day
   * @returns false: none was counted
   */
  take(
    serviceId: string,
    day: string,
    identifiers: number,
    most: number,
    once?: string,
  ): Promise<boolean>;
}
