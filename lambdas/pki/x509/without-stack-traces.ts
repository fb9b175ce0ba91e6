/**
 * Runs `task` with exceptions that record no stack. Node 24 asks whether an argument is a KeyObject by
 * calling for one and catching the exception, up to four times for a key in DER; their stacks took 30 of
 * the 36 µs that the import of an RSA-2048 key cost. `task` is synchronous, so nobody else's exceptions
 * are concerned; what it throws itself must not be worth a stack.
 */
export function withoutStackTraces<T>(task: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return task();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
