import { statfsSync } from 'node:fs';

/** SQLite writes a journal beside the tables before it writes them; a batch takes up to 16 MB. */
const leastBytes = 1 << 20;
const askedEveryMs = 500;

/**
 * Whether the disk under the tables has room. DynamoDB Local answers a full one as if it throttled, or
 * were broken: whoever waits for it to pass waits long, and is not told why.
 */
export class DiskRoom {
  readonly #folder: string;
  readonly #tell: (line: string) => void;
  readonly #freeBytes: (folder: string) => number;
  #full = false;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    folder: string,
    tell: (line: string) => void,
    freeBytes: (folder: string) => number = bytesFree,
  ) {
    this.#folder = folder;
    this.#tell = tell;
    this.#freeBytes = freeBytes;
  }

  /** Why nothing is written now; undefined where there is room. */
  shortage(now: number = performance.now()): string | undefined {
    const why = `free some space: the disk of ${this.#folder} is full, and nothing is written until it has room`;
    if (now - this.#askedAt >= askedEveryMs) {
      this.#askedAt = now;
      const full = this.#freeBytes(this.#folder) < leastBytes;
      if (full !== this.#full)
        this.#tell(full ? why : `the disk of ${this.#folder} has room again`);
      this.#full = full;
    }
    return this.#full ? why : undefined;
  }
}

function bytesFree(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
