import { jsonLimits } from './limits.ts';

/** Why a text is refused although a lenient parser might take it. */
export type JsonFault = 'not-json' | 'nested-too-deep' | 'member-repeated';

/** The text itself is never part of the error: it may hold serials. */
export class JsonRefused extends Error {
  readonly fault: JsonFault;
  /** The member that stands twice in one object, where it is that. */
  readonly member: string | undefined;

  constructor(fault: JsonFault, member?: string) {
    super(fault);
    this.name = 'JsonRefused';
    this.fault = fault;
    this.member = member;
  }
}

/**
 * RFC 8259, with two things refused that it leaves open: a member that stands twice in an object
 * (§4: implementations differ in which one counts), and nesting deeper than `jsonLimits.nesting` (§9).
 *
 * `JSON.parse` does the work. A text of few brackets cannot be deep, and a text with as many colons
 * as its value has members repeats none of them, so that millions of rows are not scanned twice.
 *
 * @throws JsonRefused
 */
export function parseStrictJson(text: string): unknown {
  if (mayBeDeep(text)) scan(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonRefused('not-json');
  }
  if (occurrences(text, ':', Number.POSITIVE_INFINITY) !== membersOf(value)) scan(text);
  return value;
}

const mayBeDeep = (text: string): boolean =>
  occurrences(text, '[', jsonLimits.nesting) + occurrences(text, '{', jsonLimits.nesting) >
  jsonLimits.nesting;

/** Stops counting above `enough`. */
function occurrences(text: string, character: string, enough: number): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
    found += 1;
    if (found > enough) break;
  }
  return found;
}

function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') members += membersOf(item);
    return members;
  }
  for (const item of Object.values(value)) members += 1 + membersOf(item);
  return members;
}

/** One pass over the brackets and strings; what else stands between them is the parser's to judge. */
function scan(text: string): void {
  /** Names of the open objects, outermost first; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  const next = /["{}[\]]/g;
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    switch (found[0]) {
      case '{':
      case '[':
        open.push(found[0] === '{' ? new Set() : undefined);
        if (open.length > jsonLimits.nesting) throw new JsonRefused('nested-too-deep');
        break;
      case '}':
      case ']':
        open.pop();
        break;
      default: {
        const end = stringEnd(text, found.index);
        if (end < 0) throw new JsonRefused('not-json');
        next.lastIndex = end;
        const names = open.at(-1);
        if (names === undefined || !colonFollows(text, end)) break;
        const name = decoded(text.slice(found.index, end));
        if (names.has(name)) throw new JsonRefused('member-repeated', name);
        names.add(name);
      }
    }
  }
}

/** Position behind the closing quote; -1 when the string is open. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    at = text.indexOf('"', at);
    if (at < 0) return -1;
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
}

function colonFollows(text: string, at: number): boolean {
  let next = at;
  while (next < text.length && ' \t\r\n'.includes(text[next]!)) next += 1;
  return text[next] === ':';
}

/** `a` and `\u0061` are one name (RFC 8259 §8.3). */
function decoded(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    throw new JsonRefused('not-json');
  }
}
