import { usageFailure } from '../../cli/option-text.ts';
import { jsonLimits } from '../../lambdas/limits.ts';
import { JsonRefused, parseStrictJson } from '../../lambdas/strict-json.ts';

/** One case as it arrived, and how messages name its place. */
export interface ArrivedCase {
  readonly where: string;
  readonly value: unknown;
}

/**
 * Of a line, or of an array. A list of 64 MiB takes 86 in base64, so that two of them fit beside their
 * certificates; a longer line is no case but a file that was never meant to be one.
 */
const maximumBytes = 256 * 1024 * 1024;

const [newline, openBracket] = [0x0a, 0x5b];
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

/**
 * JSON Lines as a stream: each case is given on when its line has ended, and no more than one line is
 * held. A text that begins with a bracket is one JSON array, which is read whole. A byte order mark, empty
 * lines and CR before LF are passed over. Throws `CommandFailure` naming the line or the element.
 */
export async function* casesIn(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<ArrivedCase> {
  let isArray = false;
  for await (const { text, line } of linesIn(
    chunks,
    (first) => (isArray = first === openBracket),
  )) {
    if (isArray) {
      yield* elementsIn(text);
    } else if (text !== '') {
      const where = `line ${line}`;
      yield { where, value: parsed(text, where) };
    }
  }
}

function* elementsIn(text: string): Generator<ArrivedCase> {
  const elements = parsed(text, 'the array') as readonly unknown[];
  for (const [index, value] of elements.entries()) {
    yield { where: `element ${index + 1} of the array`, value };
  }
}

/** Every line without the white space around it; the whole text as one where `isOneText` says so. */
async function* linesIn(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  isOneText: (firstByte: number) => boolean,
): AsyncGenerator<{ readonly text: string; readonly line: number }> {
  let parts: Uint8Array[] = [];
  let length = 0;
  let line = 1;
  let wholeText: boolean | undefined;
  const add = (bytes: Uint8Array): void => {
    length += bytes.length;
    if (length > maximumBytes) {
      throw usageFailure(
        wholeText
          ? 'the array is larger than 256 MiB; JSON Lines may be of any length'
          : `line ${line} is larger than 256 MiB`,
      );
    }
    // The source may use its buffer again.
    if (bytes.length > 0) parts.push(Uint8Array.from(bytes));
  };
  const taken = () => {
    const bytes = Buffer.concat(parts);
    parts = [];
    length = 0;
    const hasMark = line === 1 && bytes.subarray(0, 3).equals(byteOrderMark);
    return { text: bytes.toString('utf8', hasMark ? 3 : 0).trim(), line };
  };
  for await (const chunk of chunks) {
    if (wholeText === undefined) {
      const first = chunk.find((byte) => !isSpace(byte) && !byteOrderMark.includes(byte));
      if (first !== undefined) wholeText = isOneText(first);
    }
    let from = 0;
    for (const at of wholeText === true ? [] : newlinesIn(chunk)) {
      add(chunk.subarray(from, at));
      from = at + 1;
      yield taken();
      line++;
    }
    add(chunk.subarray(from));
  }
  yield taken();
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
