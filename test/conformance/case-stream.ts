import { CommandFailure, exitCodes } from '../../cli/run-command.ts';

/** One case as it arrived, and how messages name its place. */
export interface ArrivedCase {
  readonly where: string;
  readonly value: unknown;
}

/**
 * A list of 64 MiB takes 86 in base64, so that two of them fit beside their certificates. What is
 * longer is no case but a file that was never meant to be one.
 */
const maximumCaseBytes = 256 * 1024 * 1024;

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];
const newline = 0x0a;

/**
 * JSON Lines, or one JSON array, as a stream: each case is given on when its last byte has arrived, and
 * no more than one is held. A byte order mark, empty lines and CR before LF are passed over. Throws
 * `CommandFailure` naming the line, or the element of the array.
 */
export async function* casesIn(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<ArrivedCase> {
  let reader: LineReader | ArrayReader | undefined;
  let isFirst = true;
  for await (const chunk of chunks) {
    const bytes = isFirst ? withoutMark(chunk) : chunk;
    isFirst = false;
    reader ??= readerFor(bytes);
    if (reader) yield* reader.take(bytes);
  }
  if (reader) yield* reader.end();
}

const withoutMark = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;

const isSpace = (byte: number): boolean =>
  byte === 0x20 || byte === 0x09 || byte === newline || byte === 0x0d;

/** The first byte that is no white space decides. */
function readerFor(bytes: Uint8Array): LineReader | ArrayReader | undefined {
  const first = bytes.find((byte) => !isSpace(byte));
  if (first === undefined) return undefined;
  return first === openBracket ? new ArrayReader() : new LineReader();
}

/** The bytes of the case that is arriving. */
class Pending {
  private parts: Uint8Array[] = [];
  private length = 0;

  add(bytes: Uint8Array, where: string): void {
    this.length += bytes.length;
    if (this.length > maximumCaseBytes) throw malformed(`${where} is larger than 256 MiB`);
    // The source may use its buffer again.
    if (bytes.length > 0) this.parts.push(Uint8Array.from(bytes));
  }

  takeText(): string {
    const text = Buffer.concat(this.parts).toString('utf8').trim();
    this.parts = [];
    this.length = 0;
    return text;
  }
}

class LineReader {
  private readonly pending = new Pending();
  private line = 1;

  *take(bytes: Uint8Array): Generator<ArrivedCase> {
    let from = 0;
    for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, from)) {
      this.pending.add(bytes.subarray(from, at), this.where);
      from = at + 1;
      yield* this.end();
      this.line++;
    }
    this.pending.add(bytes.subarray(from), this.where);
  }

  *end(): Generator<ArrivedCase> {
    const text = this.pending.takeText();
    if (text !== '') yield { where: this.where, value: parsed(text, this.where) };
  }

  private get where(): string {
    return `line ${this.line}`;
  }
}

/** Cuts at the commas between elements; whether an element is JSON is asked of the element alone. */
class ArrayReader {
  private readonly pending = new Pending();
  private element = 1;
  private depth = 0;
  private inString = false;
  private escaped = false;

  *take(bytes: Uint8Array): Generator<ArrivedCase> {
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (byte === backslash) this.escaped = true;
        else if (byte === quote) this.inString = false;
        continue;
      }
      if (this.depth === 0) {
        from = at + 1;
        if (isSpace(byte)) continue;
        if (byte !== openBracket || this.element === 0) throw malformed('data behind the array');
      }
      if (byte === quote) this.inString = true;
      else if (byte === openBracket || byte === openBrace) this.depth++;
      else if (byte === closeBracket || byte === closeBrace) this.depth--;
      const isClosed = this.depth === 0;
      if (isClosed && byte !== closeBracket) throw malformed('the array does not end');
      if (!isClosed && !(byte === comma && this.depth === 1)) continue;
      this.pending.add(bytes.subarray(from, at), this.where);
      from = at + 1;
      yield* this.elementEnds(isClosed);
    }
    if (this.depth > 0) this.pending.add(bytes.subarray(from), this.where);
  }

  end(): readonly ArrivedCase[] {
    if (this.depth > 0) throw malformed('the array does not end');
    return [];
  }

  private *elementEnds(isLast: boolean): Generator<ArrivedCase> {
    const text = this.pending.takeText();
    const isEmptyArray = isLast && this.element === 1 && text === '';
    if (!isEmptyArray) yield { where: this.where, value: parsed(text, this.where) };
    // No element has the number 0: the array is over.
    this.element = isLast ? 0 : this.element + 1;
  }

  private get where(): string {
    return `element ${this.element} of the array`;
  }
}

function parsed(text: string, where: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed(`${where} is not JSON`);
  }
  const twice = fieldGivenTwice(text);
  if (twice !== undefined) throw malformed(`${where} has the field ${twice} twice`);
  return value;
}

/** JSON.parse keeps the last of two fields of one name, and would let the first go unread. */
function fieldGivenTwice(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at]!;
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (character === '"') {
      const start = at;
      at = endOfString(json, start);
      if (depth !== 1 || !/^\s*:/.test(json.slice(at + 1, at + 64))) continue;
      const name = json.slice(start, at + 1);
      if (seen.has(name)) return name;
      seen.add(name);
    }
  }
  return undefined;
}

/** Of a string in text that JSON.parse has accepted: its closing quotation mark. */
function endOfString(json: string, start: number): number {
  let end = start;
  let backslashes: number;
  do {
    end = json.indexOf('"', end + 1);
    backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes++;
  } while (backslashes % 2 === 1);
  return end;
}

const malformed = (message: string): CommandFailure => new CommandFailure(message, exitCodes.usage);
