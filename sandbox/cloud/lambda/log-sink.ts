import { type WriteStream, createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** What the functions print: the last lines in memory, all of it in files where a folder is given. */
export class LogSink {
  readonly #folder: string | undefined;
  readonly #echo: boolean;
  readonly #files = new Map<string, WriteStream>();
  readonly #lines: string[] = [];

  constructor({ folder, echo = false }: { folder?: string | undefined; echo?: boolean }) {
    this.#folder = folder;
    this.#echo = echo;
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
  }

  /** At most the last 2,000 lines, `function: text`. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  write(source: string, text: string): void {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      this.#lines.push(`${source}: ${line}`);
      if (this.#echo) process.stderr.write(`${source}: ${line}\n`);
    }
    if (this.#lines.length > 4000) this.#lines.splice(0, this.#lines.length - 2000);
    if (this.#folder === undefined) return;
    let file = this.#files.get(source);
    if (file === undefined) {
      file = createWriteStream(join(this.#folder, `${source}.log`), { flags: 'a' });
      file.on('error', () => {});
      this.#files.set(source, file);
    }
    file.write(text);
  }

  close(): void {
    for (const file of this.#files.values()) file.end();
  }
}
