/** A measured task: `calls` calls per round. */
export interface Task {
  readonly call: (index: number) => void | Promise<void>;
  readonly calls: number;
}

const rounds = 15;
/** At least 20,000 warm-up calls: until then the just-in-time compiler still changes the code. */
const warmUpRounds = 12;

/**
 * Microseconds per call of each task: medians of rounds, after a warm-up. The tasks alternate in
 * every round, so that a slow phase of the machine affects all of them.
 */
export async function microsecondsPerCall(...tasks: readonly Task[]): Promise<readonly number[]> {
  for (let n = 0; n < warmUpRounds; n++) {
    for (const task of tasks) await round(task);
  }
  const measured: number[][] = tasks.map(() => []);
  for (let n = 0; n < rounds; n++) {
    for (const [index, task] of tasks.entries()) measured[index]!.push(await round(task));
  }
  return measured.map(median);
}

async function round({ call, calls }: Task): Promise<number> {
  const startedAt = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) {
    const pending = call(i);
    if (pending instanceof Promise) await pending;
  }
  return Number(process.hrtime.bigint() - startedAt) / 1000 / calls;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
