import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Removal } from './remove-grants.ts';
import type { UseOfGrants } from './use-of-grants.ts';

const commit = z.string();
const Line = z.union([
  z.object({
    commit,
    id: z.string(),
    outcome: z.enum(['noticed', 'explained', 'survived', 'unsound']),
    told: z.string(),
  }),
  z.object({
    commit,
    usedBy: z.array(z.tuple([z.string(), z.array(z.string())])),
    tookMs: z.array(z.tuple([z.string(), z.number()])),
  }),
]);

type Walk = Pick<UseOfGrants, 'usedBy' | 'tookMs'>;

/** Uses and removals of one commit, kept in a file of JSON lines so that a pass can be made in parts. */
export class Progress {
  readonly #file: string | undefined;
  readonly #commit = commitHere();
  readonly #removals = new Map<string, Removal>();
  #walk: Walk | undefined;

  /** @param file is appended to; lines of other commits are left alone and do not count */
  constructor(file: string | undefined) {
    this.#file = file;
    if (file === undefined || !existsSync(file)) return;
    for (const text of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
      const { commit: of, ...line } = Line.parse(JSON.parse(text));
      if (of !== this.#commit) continue;
      if ('id' in line) this.#removals.set(line.id, line);
      else this.#walk = { usedBy: new Map(line.usedBy), tookMs: new Map(line.tookMs) };
    }
  }

  /** What the steps used, if an earlier run has gone through them all. */
  get walk(): Walk | undefined {
    return this.#walk;
  }

  keepWalk({ usedBy, tookMs }: Walk): void {
    this.#append({ usedBy: [...usedBy], tookMs: [...tookMs] });
  }

  /** Noticed or explained; what survived or was unsound is tried again. */
  isDone(id: string): boolean {
    return ['noticed', 'explained'].includes(this.#removals.get(id)?.outcome ?? '');
  }

  add(removal: Removal): void {
    this.#removals.set(removal.id, removal);
    this.#append(removal);
  }

  #append(line: object): void {
    if (this.#file === undefined) return;
    appendFileSync(this.#file, `${JSON.stringify({ commit: this.#commit, ...line })}\n`);
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
