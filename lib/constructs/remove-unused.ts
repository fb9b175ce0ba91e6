import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const unusedMs = 14 * 86_400_000;

/**
 * Removes what stands in a cache directory and was not modified for 14 days. A cache whose entries are
 * read sets their time of modification with every use.
 * @param now milliseconds since 1970
 */
export function removeUnused(directory: string, now: number): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (modified === undefined || now - modified <= unusedMs) continue;
    // Renamed first: a process that reads it now finds all of it or nothing.
    const removed = join(directory, `removed-${process.pid}-${name}`);
    try {
      renameSync(path, removed);
    } catch {
      // Another process removes it.
      continue;
    }
    rmSync(removed, { recursive: true, force: true });
  }
}
