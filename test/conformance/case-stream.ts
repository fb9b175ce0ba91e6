import { usageFailure } from '../../cli/option-text.ts';
import { jsonLimits } from '../../lambdas/limits.ts';
import { JsonRefused, parseStrictJson } from '../../lambdas/strict-json.ts';
import { ArrayElements, elementName, inMebibytes } from './array-elements.ts';

/** One case as it arrived, and how messages name its place. */
export interface ArrivedCase {
  readonly where: string;
  readonly value: unknown;
}

/**
 * Of a line, or of an element of an array. A list of 64 MiB takes 86 in base64, so that two of them fit
 * beside their certificates; a longer line is no case but a file that was never meant to be one.
 */
export const maximumCaseBytes = 256 * 1024 * 1024;

const [newline, openBracket] = [0x0a, 0x5b];
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

/**
 * JSON Lines, or one JSON array (a text that begins with a bracket), as a stream: each case is given on
 * when its line or element has ended, and no more than one is held. A byte order mark, empty lines and CR
 * before LF are passed over. Throws `CommandFailure` naming the line or the element.
 */
export async function* casesIn(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maximumBytes = maximumCaseBytes,
): AsyncGenerator<ArrivedCase> {
  const lines = new Lines(maximumBytes);
  const elements = new ArrayElements(maximumBytes);
  let isArray: boolean | undefined;
  for await (const chunk of chunks) {
    if (isArray === undefined) {
      const first = chunk.find((byte) => !isSpace(byte) && !byteOrderMark.includes(byte));
      if (first !== undefined) isArray = first === openBracket;
    }
    if (isArray !== false) {
      for (const { text, number } of elements.push(chunk)) {
        const where = elementName(number);
        yield { where, value: parsed(text, where) };
      }
    }
    if (isArray !== true) yield* lines.push(chunk);
  }
  if (isArray === true) elements.end();
  else yield* lines.end();
}

class Lines {
  private readonly maximumBytes: number;
  private parts: Uint8Array[] = [];
  private length = 0;
  private line = 1;

  constructor(maximumBytes: number) {
    this.maximumBytes = maximumBytes;
  }

  *push(chunk: Uint8Array): Generator<ArrivedCase> {
    let from = 0;
    for (const at of newlinesIn(chunk)) {
      this.add(chunk.subarray(from, at));
      from = at + 1;
      yield* this.end();
    }
    this.add(chunk.subarray(from));
  }

  /** The case on the line that has ended, unless it is empty. */
  *end(): Generator<ArrivedCase> {
    const bytes = Buffer.concat(this.parts);
    const where = `line ${this.line}`;
    const hasMark = this.line === 1 && bytes.subarray(0, 3).equals(byteOrderMark);
    const text = bytes.toString('utf8', hasMark ? 3 : 0).trim();
    this.parts = [];
    this.length = 0;
    this.line++;
    if (text !== '') yield { where, value: parsed(text, where) };
  }

  private add(bytes: Uint8Array): void {
    this.length += bytes.length;
    if (this.length > this.maximumBytes) {
      throw usageFailure(`line ${this.line} is larger than ${inMebibytes(this.maximumBytes)}`);
    }
    // The source may use its buffer again.
    if (bytes.length > 0) this.parts.push(Uint8Array.from(bytes));
  }
}

function* newlinesIn(bytes: Uint8Array): Generator<number> {
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) yield at;
}

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x09 || byte === newline || byte === 0x0d;

/** A member twice is refused: JSON.parse keeps the last, and would let the first go unread. */
function parsed(text: string, where: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error;
    throw usageFailure(`${where} ${described(error)}`);
  }
}

function described({ fault, member }: JsonRefused): string {
  if (fault === 'not-json') return 'is not JSON';
  return fault === 'nested-too-deep'
    ? `nests deeper than ${jsonLimits.nesting}`
    : `has the field "${member}" twice`;
}
