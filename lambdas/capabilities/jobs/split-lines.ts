import { JobRejected } from './job-rejected.ts';

/** A range of whole lines of the decompressed file; offsets in octets of that file. */
export interface LineRange {
  readonly index: number;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Line number of its first line, from 1. */
  readonly firstLine: number;
  readonly lines: number;
}

export interface SplitLimits {
  readonly chunkLines: number;
  readonly chunkBytes: number;
  readonly lineBytes: number;
  readonly plainBytes: number;
  readonly lines: number;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Divides a stream at line ends into ranges with a bounded number of lines and octets, without
 * buffering it. Lines end with LF, CRLF or CR, also mixed in one file; the last line may be
 * unterminated. A record is one line: `OpenQuoteGuard` refuses line breaks in quoted fields.
 */
export class LineSplitter {
  readonly #limits: SplitLimits;
  /** Offset after the last octet read. */
  #offset: number;
  #lineStart: number;
  #line: number;
  #start: number;
  #firstLine: number;
  #index = 0;
  /** The octets so far end with CR; an LF may follow. */
  #openReturn = false;

  /** Starts after the part already read: a byte order mark, a header. */
  constructor(limits: SplitLimits, offset = 0, firstLine = 1) {
    this.#limits = limits;
    this.#offset = this.#lineStart = this.#start = offset;
    this.#line = this.#firstLine = firstLine;
  }

  /** Lines seen so far, including those before the start. */
  get lines(): number {
    return this.#line - 1;
  }

  /** Adds octets; yields the ranges that they complete. */
  push(bytes: Uint8Array): LineRange[] {
    const { chunkBytes, chunkLines, lineBytes, plainBytes } = this.#limits;
    const base = this.#offset;
    this.#offset += bytes.length;
    if (this.#offset > plainBytes) throw new JobRejected('upload-too-large');
    const ranges: LineRange[] = [];
    const endLine = (lineEnd: number) => {
      if (lineEnd - this.#lineStart > lineBytes) throw new JobRejected('upload-line-too-long');
      // The line that would make the range too large starts the next one.
      if (lineEnd - this.#start > chunkBytes) ranges.push(...this.#cut(this.#lineStart));
      this.#line += 1;
      this.#lineStart = lineEnd;
      if (this.#line - this.#firstLine === chunkLines) ranges.push(...this.#cut(lineEnd));
    };
    let feed = bytes.indexOf(lineFeed);
    let carriage = bytes.indexOf(carriageReturn);
    if (this.#openReturn && bytes.length > 0) {
      this.#openReturn = false;
      endLine(feed === 0 ? base + 1 : base);
      if (feed === 0) feed = bytes.indexOf(lineFeed, 1);
    }
    while (feed >= 0 || carriage >= 0) {
      if (carriage < 0 || (feed >= 0 && feed < carriage)) {
        endLine(base + feed + 1);
        feed = bytes.indexOf(lineFeed, feed + 1);
        continue;
      }
      if (carriage === bytes.length - 1) {
        this.#openReturn = true;
        break;
      }
      const next = feed === carriage + 1 ? carriage + 2 : carriage + 1;
      endLine(base + next);
      if (feed >= 0 && feed < next) feed = bytes.indexOf(lineFeed, next);
      carriage = bytes.indexOf(carriageReturn, next);
    }
    if (this.#offset - this.#lineStart > lineBytes) throw new JobRejected('upload-line-too-long');
    if (this.#line > this.#limits.lines) throw new JobRejected('upload-too-large');
    return ranges;
  }

  /** At the end of the stream: yields the rest, including an unterminated last line. */
  end(): LineRange[] {
    if (this.#lineStart < this.#offset) {
      this.#line += 1;
      this.#lineStart = this.#offset;
    }
    return this.#cut(this.#offset);
  }

  #cut(end: number): LineRange[] {
    if (end === this.#start) return [];
    const range = {
      index: this.#index,
      start: this.#start,
      end,
      firstLine: this.#firstLine,
      lines: this.#line - this.#firstLine,
    };
    this.#index += 1;
    this.#start = end;
    this.#firstLine = this.#line;
    return [range];
  }
}
