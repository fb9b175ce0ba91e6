/**
 * How long one try of a call to AWS may take, in milliseconds. Without `throwOnRequestTimeout` the SDK
 * only logs a warning and waits on, until Lambda ends the function: the caller would get a 500 and
 * nobody a second try.
 */
export const requestLimits = (requestTimeout: number) => ({
  connectionTimeout: 1_000,
  requestTimeout,
  throwOnRequestTimeout: true,
});
