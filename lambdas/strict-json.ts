import { jsonLimits } from './limits.ts';

/** Why a text is refused that a lenient parser might accept. */
export type JsonFault = 'not-json' | 'nested-too-deep' | 'member-repeated';

/** The error never contains the text itself, which may contain serial numbers. */
export class JsonRefused extends Error {
  readonly fault: JsonFault;
  /** The repeated member name, for that kind of refusal. */
  readonly member: string | undefined;

  constructor(fault: JsonFault, member?: string) {
    super(fault);
    this.name = 'JsonRefused';
    this.fault = fault;
    this.member = member;
  }
}

/**
 * RFC 8259 with two restrictions: duplicate member names are refused (§4: implementations differ in
 * which one they use), and so is nesting deeper than `jsonLimits.nesting` (§9).
 *
 * `JSON.parse` does the parsing. A text with few brackets cannot nest deeply, and a text with as
 * many colons as its value has members has no duplicates; such texts need no second scan, which
 * matters for millions of rows.
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

/** Counts up to `enough` and then stops. */
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

/** One pass over brackets and strings; `JSON.parse` validates everything else. */
function scan(text: string): void {
  /** Member names of the open objects, outermost first; undefined for an array. */
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

/** Index after the closing quotation mark; -1 if the string is not terminated. */
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

/** `a` and `\u0061` are the same name (RFC 8259 §8.3). */
function decoded(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    throw new JsonRefused('not-json');
  }
}
