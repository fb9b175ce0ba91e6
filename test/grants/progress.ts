import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Removal } from './remove-grants.ts';

const Line = z.object({
  commit: z.string(),
  id: z.string(),
  outcome: z.enum(['noticed', 'explained', 'survived', 'unsound']),
  told: z.string(),
});

/** Removals of one commit, kept in a file of JSON lines so that a pass can be made in parts. */
export class Progress {
  readonly #file: string | undefined;
  readonly #commit = commitHere();
  readonly #removals = new Map<string, Removal>();

  /** @param file is appended to; lines of other commits are left alone and do not count */
  constructor(file: string | undefined) {
    this.#file = file;
    if (file === undefined || !existsSync(file)) return;
    for (const text of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
      const { commit, ...removal } = Line.parse(JSON.parse(text));
      if (commit === this.#commit) this.#removals.set(removal.id, removal);
    }
  }

  /** Noticed or explained; what survived or was unsound is tried again. */
  isDone(id: string): boolean {
    return ['noticed', 'explained'].includes(this.#removals.get(id)?.outcome ?? '');
  }

  add(removal: Removal): void {
    this.#removals.set(removal.id, removal);
    const line = { commit: this.#commit, ...removal };
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(line)}\n`);
  }

  /** How many were tried, and what became of them. */
  summary(): { commit: string; tried: number } & Record<Removal['outcome'], number> {
    const counts = { noticed: 0, explained: 0, survived: 0, unsound: 0 };
    for (const { outcome } of this.#removals.values()) counts[outcome] += 1;
    return { commit: this.#commit, tried: this.#removals.size, ...counts };
  }
}

/** With changes that are not committed it is a state of its own. */
function commitHere(): string {
  const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
  return git('rev-parse', '--short=12', 'HEAD') + (changed ? '-changed' : '');
}

const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
