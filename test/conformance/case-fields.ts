import { CommandFailure, exitCodes } from '../../cli/run-command.ts';
import { derOf, type NamedBytes } from '../../cli/named-bytes.ts';

/**
 * Reads fields of a case by type. A field that is left out, or null, is undefined; one of another type
 * or value is refused with its name, so that no case is answered under other conditions than it states.
 */
export class CaseFields {
  private readonly fields: Readonly<Record<string, unknown>>;
  private readonly where: string;

  constructor(fields: object, where: string) {
    this.fields = fields as Readonly<Record<string, unknown>>;
    this.where = where;
  }

  /** Of several names for one field, the first that is given. */
  private take(names: readonly string[]): readonly [value: unknown, place: string] {
    const name = names.find((one) => Object.hasOwn(this.fields, one) && this.fields[one] !== null);
    return name === undefined
      ? [undefined, `${this.where} ${names[0]}`]
      : [this.fields[name], `${this.where} ${name}`];
  }

  has(name: string): boolean {
    return this.take([name])[0] !== undefined;
  }

  isFlag(name: string): boolean {
    return typeof this.take([name])[0] === 'boolean';
  }

  text(...names: readonly string[]): string | undefined {
    const [value, place] = this.take(names);
    if (value === undefined || typeof value === 'string') return value;
    throw refused(`${place} is not a text`);
  }

  /** Identifiers of suites are numbers at times. */
  label(...names: readonly string[]): string | undefined {
    const [value, place] = this.take(names);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    throw refused(`${place} is neither text nor number`);
  }

  flag(...names: readonly string[]): boolean | undefined {
    const [value, place] = this.take(names);
    if (value === undefined || typeof value === 'boolean') return value;
    throw refused(`${place} is neither true nor false`);
  }

  wholeNumber(...names: readonly string[]): number | undefined {
    const value = this.number(...names);
    if (value !== undefined && !Number.isSafeInteger(value)) {
      throw refused(`${this.take(names)[1]} is not a whole number`);
    }
    return value;
  }

  /** Not negative. */
  number(...names: readonly string[]): number | undefined {
    const [value, place] = this.take(names);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
    throw refused(`${place} is not a number from 0`);
  }

  choice<const T extends string>(
    allowed: readonly T[],
    ...names: readonly string[]
  ): T | undefined {
    const [value, place] = this.take(names);
    if (value === undefined) return undefined;
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    throw refused(`${place} is none of ${allowed.join(', ')}`);
  }

  choices<const T extends string>(
    allowed: readonly T[],
    ...names: readonly string[]
  ): readonly T[] | undefined {
    const [, place] = this.take(names);
    return this.texts(...names)?.map((text) => {
      const found = allowed.find((one) => one === text);
      if (found !== undefined) return found;
      throw refused(`${place} holds ${text}, which is none of ${allowed.join(', ')}`);
    });
  }

  texts(...names: readonly string[]): readonly string[] | undefined {
    const [, place] = this.take(names);
    return this.list(...names)?.map((item) => {
      if (typeof item === 'string') return item;
      throw refused(`${place} holds what is not a text`);
    });
  }

  identifiers(...names: readonly string[]): readonly string[] | undefined {
    const [, place] = this.take(names);
    return this.texts(...names)?.map((text) => identifierFrom(text, place));
  }

  identifier(...names: readonly string[]): string | undefined {
    const text = this.text(...names);
    return text === undefined ? undefined : identifierFrom(text, this.take(names)[1]);
  }

  time(...names: readonly string[]): number | undefined {
    const [value, place] = this.take(names);
    return value === undefined ? undefined : timeOf(value, place);
  }

  hex(...names: readonly string[]): Uint8Array | undefined {
    const text = this.text(...names);
    return text === undefined ? undefined : octetsOf(text, this.take(names)[1]);
  }

  /** Base64 of any octets, none among them. */
  octets(...names: readonly string[]): Uint8Array | undefined {
    const text = this.text(...names);
    return text === undefined ? undefined : fromBase64(text, this.take(names)[1]);
  }

  /** Base64 of DER, or PEM, which may hold several. */
  values(...names: readonly string[]): readonly NamedBytes[] | undefined {
    const text = this.text(...names);
    return text === undefined ? undefined : valuesFrom(text, this.take(names)[1]);
  }

  valueList(...names: readonly string[]): readonly NamedBytes[] | undefined {
    const [, place] = this.take(names);
    return this.list(...names)?.flatMap((item, index) => {
      if (typeof item !== 'string') throw refused(`${place}[${index}] is not a text`);
      return valuesFrom(item, `${place}[${index}]`);
    });
  }

  /** Another object inside, all of whose fields are known. */
  inner(known: readonly string[], ...names: readonly string[]): CaseFields | undefined {
    const [value, place] = this.take(names);
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || Array.isArray(value))
      throw refused(`${place} is not an object`);
    const unknown = Object.keys(value!).find((name) => !known.includes(name));
    if (unknown === undefined) return new CaseFields(value!, place);
    throw refused(`${place} has no field ${unknown}; there are ${known.join(', ')}`);
  }

  private list(...names: readonly string[]): readonly unknown[] | undefined {
    const [value, place] = this.take(names);
    if (value === undefined || Array.isArray(value)) return value as readonly unknown[] | undefined;
    throw refused(`${place} is not a list`);
  }
}

/** RFC 3339 with its offset, a day alone (from its beginning, UTC), or milliseconds since 1970. */
export function timeOf(value: unknown, where: string): number {
  const time = typeof value === 'number' ? value : timeFrom(value);
  if (Number.isFinite(time)) return time;
  throw refused(`${where}: time is neither RFC 3339 nor milliseconds`);
}

function timeFrom(value: unknown): number {
  const text = typeof value === 'string' ? value.trim() : '';
  const [, day] =
    /^(\d{4}-\d\d-\d\d)(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  // Date.parse takes 30 February for 2 March.
  if (day === undefined || new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) !== day) return NaN;
  return Date.parse(text.toUpperCase().replace(' ', 'T'));
}

/** An object identifier in dotted decimal: compared as text, so it must be written in its one form. */
export function identifierFrom(text: string, where: string): string {
  if (/^[0-2](\.(0|[1-9]\d*))+$/.test(text)) return text;
  throw refused(`${where}: ${text} is no object identifier`);
}

export function octetsOf(hex: string, where: string): Uint8Array {
  if (/^([\da-f]{2})+$/i.test(hex)) return Buffer.from(hex, 'hex');
  throw refused(`${where} is not hex`);
}

function valuesFrom(text: string, where: string): readonly NamedBytes[] {
  if (!text.includes('-----BEGIN ')) return [{ source: where, bytes: fromBase64(text, where) }];
  try {
    return derOf(Buffer.from(text), where);
  } catch (error) {
    throw error instanceof CommandFailure ? refused(error.message) : error;
  }
}

function fromBase64(text: string, where: string): Uint8Array {
  if (!/[^\w+/=\s-]/.test(text)) return Buffer.from(text, 'base64');
  throw refused(`${where} is neither base64 nor PEM`);
}

export const refused = (message: string): CommandFailure =>
  new CommandFailure(message, exitCodes.usage);
