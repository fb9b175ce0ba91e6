import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Appends entries, one line of JSON each, to files of one folder: what AWS would keep, for inspection.
 * Without a folder nothing is kept. A full disk loses entries and stops nothing.
 */
export function keptEntries(folder: string | undefined): (file: string, entry: object) => void {
  if (folder === undefined) return () => {};
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return (file, entry) => {
    try {
      const line = `${JSON.stringify(entry)}\n`;
      appendFileSync(join(folder, `${file}.jsonl`), line, { mode: 0o600 });
    } catch {
      // The tables' own watch of the disk tells the operator.
    }
  };
}
