import { type WriteStream, createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export interface LogSinkOptions {
  readonly folder?: string | undefined;
  readonly echo?: boolean;
  /** Called with every line as printed. */
  readonly onLine?: (line: string) => void;
}

/**
 * Output of the functions: the last lines in memory, and all lines in files if a folder is given.
 */
export class LogSink {
  readonly #folder: string | undefined;
  readonly #echo: boolean;
  readonly #onLine: LogSinkOptions['onLine'];
  readonly #files = new Map<string, LogFile>();
  readonly #lines: string[] = [];
  #dropped = 0;

  constructor({ folder, echo = false, onLine }: LogSinkOptions) {
    this.#folder = folder;
    this.#onLine = onLine;
    this.#echo = echo;
    if (folder !== undefined) mkdirSync(folder, { recursive: true });
  }

  /** At most the last 2,000 lines, `function: text`. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** How many lines were ever written. */
  get count(): number {
    return this.#dropped + this.#lines.length;
  }

  /** What was written after the first `count` lines, as far as it is still in memory. */
  since(count: number): readonly string[] {
    return this.#lines.slice(Math.max(0, count - this.#dropped));
  }

  write(source: string, text: string): void {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      this.#lines.push(`${source}: ${line}`);
      this.#onLine?.(line);
      if (this.#echo) process.stderr.write(`${source}: ${line}\n`);
    }
    if (this.#lines.length > 4000)
      this.#dropped += this.#lines.splice(0, this.#lines.length - 2000).length;
    if (this.#folder === undefined) return;
    let file = this.#files.get(source);
    if (file === undefined) {
      file = new LogFile(join(this.#folder, `${source}.log`));
      this.#files.set(source, file);
    }
    file.write(text);
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
  }
}

/** How long a file that could not be written is not retried. */
const pauseMs = 1_000;

/**
 * A log file that resumes after the disk was full: lost lines are counted, and the count is the
 * first line written again.
 */
class LogFile {
  readonly #path: string;
  #stream: WriteStream | undefined;
  #lost = 0;
  #retryAt = 0;

  constructor(path: string) {
    this.#path = path;
  }

  write(text: string): void {
    const lines = text.split('\n').length - 1;
    if (this.#stream === undefined && performance.now() < this.#retryAt) {
      this.#lost += lines;
      return;
    }
    this.#stream ??= this.#open();
    const { stream, lost } = { stream: this.#stream, lost: this.#lost };
    this.#lost = 0;
    const notice = lost === 0 ? '' : `\n${lost} lines could not be written here\n`;
    stream.write(notice + text, (failure) => {
      if (failure) this.#lost += lost + lines;
    });
  }

  close(): void {
    this.#stream?.end();
  }

  #open(): WriteStream {
    const stream = createWriteStream(this.#path, { flags: 'a' });
    stream.on('error', () => {
      this.#retryAt = performance.now() + pauseMs;
      if (this.#stream === stream) this.#stream = undefined;
    });
    return stream;
  }
}
