type Pattern = Readonly<Record<string, unknown>>;

/**
 * EventBridge event patterns: every field of the pattern must match, a list matches by any of its
 * members. Filters: prefix, suffix, anything-but, exists, numeric, wildcard, equals-ignore-case, $or.
 */
export function matchesPattern(pattern: Pattern, event: unknown): boolean {
  const fields = isRecord(event) ? event : {};
  return Object.entries(pattern).every(([name, expected]) => {
    if (name === '$or' && Array.isArray(expected))
      return expected.some((alternative) => matchesPattern(alternative as Pattern, event));
    const value = fields[name];
    if (!Array.isArray(expected)) return matchesPattern(expected as Pattern, value);
    const values = Array.isArray(value) && value.length > 0 ? (value as unknown[]) : [value];
    return expected.some((filter) => values.some((item) => matchesFilter(filter, item)));
  });
}

function matchesFilter(filter: unknown, value: unknown): boolean {
  if (!isRecord(filter)) return filter === value;
  const [kind, argument] = Object.entries(filter)[0] ?? [];
  const text = typeof value === 'string' ? value : undefined;
  switch (kind) {
    case 'exists':
      return (value !== undefined) === argument;
    case 'prefix':
      return text?.startsWith(String(argument)) === true;
    case 'suffix':
      return text?.endsWith(String(argument)) === true;
    case 'equals-ignore-case':
      return text?.toLowerCase() === String(argument).toLowerCase();
    case 'wildcard':
      return text !== undefined && wildcard(String(argument)).test(text);
    case 'anything-but': {
      const excluded = Array.isArray(argument) ? (argument as unknown[]) : [argument];
      return value !== undefined && !excluded.some((item) => matchesFilter(item, value));
    }
    case 'numeric':
      return typeof value === 'number' && withinBounds(value, argument as (string | number)[]);
    default:
      throw new Error(`the event pattern filter ${String(kind)} is not one of EventBridge's`);
  }
}

function withinBounds(value: number, conditions: readonly (string | number)[]): boolean {
  for (let at = 0; at + 1 < conditions.length; at += 2) {
    const bound = Number(conditions[at + 1]);
    const holds = {
      '=': value === bound,
      '<': value < bound,
      '<=': value <= bound,
      '>': value > bound,
      '>=': value >= bound,
    }[String(conditions[at])];
    if (holds !== true) return false;
  }
  return true;
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replaceAll(/[.+^${}()|[\]\\?]/g, String.raw`\$&`))
      .join('.*')}$`,
    's',
  );

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
