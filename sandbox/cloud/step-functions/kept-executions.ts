import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Execution } from './executions.ts';

/** Step Functions forgets an execution, and accepts its name again, 90 days after it ended. */
const keptMs = 90 * 24 * 3_600_000;

/** Executions as files in one folder, written atomically. */
export class KeptExecutions {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /**
   * Executions that run or ended less than 90 days ago; deletes older ones and interrupted writes.
   */
  read(now: number): Execution[] {
    const executions: Execution[] = [];
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      const execution = name.endsWith('.json')
        ? (JSON.parse(readFileSync(path, 'utf8')) as Execution)
        : undefined;
      if (execution === undefined || (execution.stopDate ?? now) <= now - keptMs) rmSync(path);
      else executions.push(execution);
    }
    return executions.toSorted((a, b) => a.startDate - b.startDate);
  }

  write(execution: Execution): void {
    const path = join(this.#folder, `${hash('sha256', execution.executionArn)}.json`);
    try {
      writeFileSync(`${path}.new`, JSON.stringify(execution), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch (cause) {
      rmSync(`${path}.new`, { force: true });
      throw cause;
    }
  }
}
