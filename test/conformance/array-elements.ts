import { usageFailure } from '../../cli/option-text.ts';
import { jsonLimits } from '../../lambdas/limits.ts';

const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);
const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/** One element of a JSON array as text, and its number from 1. */
export interface ArrayElement {
  readonly text: string;
  readonly number: number;
}

/**
 * Splits one JSON array, given in chunks, into its elements (RFC 8259 §5), so that no more than one
 * element is held. It finds brackets and commas outside strings; the elements themselves are not parsed.
 * Throws `CommandFailure` for a text that is not one array, and for an element larger than `maximumBytes`,
 * white space included.
 */
export class ArrayElements {
  private readonly maximumBytes: number;
  private state: 'before' | 'inside' | 'behind' = 'before';
  /** Octets of a byte order mark so far; it may only be the first three octets of the text. */
  private markOctets = 0;
  private position = 0;
  private parts: Uint8Array[] = [];
  private length = 0;
  private number = 1;
  private depth = 0;
  private isInString = false;
  private isEscaped = false;

  constructor(maximumBytes: number) {
    this.maximumBytes = maximumBytes;
  }

  /** Elements that end in this chunk. The caller may use the chunk again afterwards. */
  *push(chunk: Uint8Array): Generator<ArrayElement> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const octet = chunk[at]!;
      if (this.state !== 'inside') {
        this.outside(octet);
        from = at + 1;
      } else if (this.endsElement(octet)) {
        this.add(chunk.subarray(from, at));
        from = at + 1;
        yield* this.taken(octet);
      }
    }
    if (this.state === 'inside') this.add(chunk.subarray(from));
  }

  /** Throws if the array has not ended. */
  end(): void {
    if (this.state !== 'behind') throw notJson();
  }

  private outside(octet: number): void {
    const position = this.position++;
    if (this.state === 'before') {
      if (position === this.markOctets && octet === byteOrderMark[position]) {
        this.markOctets++;
        return;
      }
      if (this.markOctets % byteOrderMark.length !== 0) throw notJson();
      if (octet === openBracket) {
        this.state = 'inside';
        return;
      }
    }
    if (!isSpace(octet)) throw notJson();
  }

  private endsElement(octet: number): boolean {
    if (this.isInString) {
      if (this.isEscaped) this.isEscaped = false;
      else if (octet === backslash) this.isEscaped = true;
      else if (octet === quote) this.isInString = false;
      return false;
    }
    switch (octet) {
      case quote:
        this.isInString = true;
        return false;
      case openBracket:
      case openBrace:
        if (++this.depth > jsonLimits.nesting) {
          throw usageFailure(`${elementName(this.number)} nests deeper than ${jsonLimits.nesting}`);
        }
        return false;
      case closeBracket:
      case closeBrace:
        if (this.depth === 0 && octet === closeBrace) throw notJson();
        return this.depth-- === 0;
      default:
        return octet === comma && this.depth === 0;
    }
  }

  private add(octets: Uint8Array): void {
    this.length += octets.length;
    if (this.length > this.maximumBytes) {
      throw usageFailure(
        `${elementName(this.number)} is larger than ${inMebibytes(this.maximumBytes)}`,
      );
    }
    // The source may use its buffer again.
    if (octets.length > 0) this.parts.push(Uint8Array.from(octets));
  }

  private *taken(end: number): Generator<ArrayElement> {
    const text = Buffer.concat(this.parts).toString('utf8').trim();
    this.parts = [];
    this.length = 0;
    this.depth = 0;
    if (end === closeBracket) this.state = 'behind';
    if (text !== '') {
      yield { text, number: this.number++ };
    } else if (this.number > 1 || end === comma) {
      throw notJson();
    }
  }
}

export const inMebibytes = (octets: number): string => `${octets / 2 ** 20} MiB`;

/** How messages name an element. */
export const elementName = (number: number): string => `element ${number} of the array`;

const notJson = (): Error => usageFailure('the array is not JSON');

const isSpace = (octet: number): boolean =>
  octet === 0x20 || octet === 0x09 || octet === 0x0a || octet === 0x0d;
