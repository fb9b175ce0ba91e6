import { statfsSync } from 'node:fs';

/** SQLite writes a journal before it writes the tables; a batch takes up to 16 MB. */
const leastBytes = 1 << 20;
const askedEveryMs = 500;

/**
 * Checks the free space of the tables' disk. DynamoDB Local reports a full disk as throttling or an
 * internal error, so that clients would wait without learning the cause.
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

  /** Why nothing is written at present; undefined if there is space. */
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
