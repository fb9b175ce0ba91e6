import { JobRejected } from './job-rejected.ts';

const quote = 0x22;
const comma = 0x2c;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const blanks: readonly number[] = [0x20, 0x09];

type Place = 'field-start' | 'unquoted' | 'quoted' | 'after-quote';

/**
 * Refuses a CSV file that leaves a quoted field open at the end of a line (RFC 4180 §2.6). Such a field
 * goes on in the next line, where a part of it could be looked up as an identifier. Joining the lines
 * instead would let one stray quote take the rows behind it into one field.
 *
 * A quote opens a field only where the field begins (§2.5); blanks before it are passed over. Behind
 * the closing quote the next quote opens again: so §2.7 writes a quote, so a quote that nobody
 * doubled leaves the field open. Bytes are read without decoding: every encoding that keeps ASCII
 * keeps quotes, commas and line ends apart from other characters.
 */
export class OpenQuoteGuard {
  #place: Place = 'field-start';

  /** The bytes so far end inside a quoted field. */
  get isOpen(): boolean {
    return this.#place === 'quoted';
  }

  /**
   * Takes the next bytes.
   * @throws JobRejected
   */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const next = bytes.indexOf(quote, at);
      const end = next < 0 ? bytes.length : next + 1;
      // Lines without a quote are passed over; only the place at the beginning may be in one.
      if (!this.isOpen) {
        const line = beginOfLine(bytes, at, end);
        if (line > at) {
          this.#place = 'field-start';
          at = line;
        }
      }
      for (; at < end; at += 1) this.#take(bytes[at]!);
    }
  }

  /**
   * The file has ended.
   * @throws JobRejected
   */
  end(): void {
    if (this.isOpen) throw new JobRejected('upload-quote-open');
  }

  #take(octet: number): void {
    const quoted = this.isOpen;
    if (octet === quote) {
      if (quoted) this.#place = 'after-quote';
      else if (this.#place !== 'unquoted') this.#place = 'quoted';
    } else if (octet === lineFeed || octet === carriageReturn) {
      this.end();
      this.#place = 'field-start';
    } else if (!quoted) {
      if (octet === comma) this.#place = 'field-start';
      else if (this.#place === 'field-start' && !blanks.includes(octet)) this.#place = 'unquoted';
    }
  }
}

/** Where the last line of `bytes` before `end` begins; `start` where no line ends between. */
function beginOfLine(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && bytes[at - 1] !== lineFeed && bytes[at - 1] !== carriageReturn) at -= 1;
  return at;
}

/** Does one line, without its end, leave a quoted field open. */
export function leavesQuoteOpen(line: string): boolean {
  const guard = new OpenQuoteGuard();
  guard.push(Buffer.from(line));
  return guard.isOpen;
}
