/** How long records of requests are kept, as the deployment sets it; in milliseconds. */
export interface Retention {
  /** Requests on behalf of persons that no second operator approves. */
  readonly openRequestsMs: number;
  /** Requests on behalf of persons and requests for correction, from the decision on. */
  readonly decidedRequestsMs: number;
  /** User numbers that no login has completed, since the service last handed them in. */
  readonly waitingNumbersMs: number;
}

const dayMs = 86_400_000;

/**
 * DynamoDB's time to live, in seconds since 1970: rounded up to a whole day, since an expiry stands in
 * the clear and must not name the moment of what it follows.
 */
export const expiryAfter = (now: number, keptMs: number): number =>
  (Math.ceil((now + keptMs) / dayMs) * dayMs) / 1_000;
