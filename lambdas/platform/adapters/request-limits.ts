/**
 * Timeouts of one try of an AWS call, in milliseconds. Without `throwOnRequestTimeout`, the SDK
 * only logs a warning and keeps waiting until Lambda terminates the function: the caller gets a 500
 * and no retry takes place.
 */
export const requestLimits = (requestTimeout: number) => ({
  connectionTimeout: 1_000,
  requestTimeout,
  throwOnRequestTimeout: true,
});
