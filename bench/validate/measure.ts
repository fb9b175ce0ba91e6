/** Microseconds for one call: the median of rounds, after a warm-up. */
export async function microsecondsPerCall(
  call: (index: number) => unknown,
  calls: number,
): Promise<number> {
  const rounds: number[] = [];
  for (let i = 0; i < calls; i++) await call(i);
  for (let round = 0; round < 9; round++) {
    const startedAt = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) await call(i);
    rounds.push(Number(process.hrtime.bigint() - startedAt) / 1000 / calls);
  }
  return median(rounds);
}

/** The same for calls that answer at once, without the cost of waiting for them. */
export function microsecondsPerSyncCall(call: (index: number) => unknown, calls: number): number {
  const rounds: number[] = [];
  for (let i = 0; i < calls; i++) call(i);
  for (let round = 0; round < 9; round++) {
    const startedAt = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) call(i);
    rounds.push(Number(process.hrtime.bigint() - startedAt) / 1000 / calls);
  }
  return median(rounds);
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
