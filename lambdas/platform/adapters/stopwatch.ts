/** Monotonic milliseconds since the stopwatch was created. */
export function stopwatch(): () => number {
  const startedAt = performance.now();
  return () => performance.now() - startedAt;
}
