const known = new Map<string, RegExp>();

/** Whether the value matches an IAM pattern: `*` matches any run of characters, `?` exactly one. */
export function fits(pattern: string, value: string, ignoreCase = false): boolean {
  const flags = ignoreCase ? 'si' : 's';
  const name = `${flags}${pattern}`;
  let expression = known.get(name);
  if (expression === undefined) {
    const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    const source = escaped.replaceAll('*', '.*').replaceAll('?', '.');
    expression = new RegExp(`^${source}$`, flags);
    if (known.size > 2000) known.clear();
    known.set(name, expression);
  }
  return expression.test(value);
}

/**
 * ArnLike: matches each of the six ARN parts separately, so that `*` does not extend over a colon
 * before the last part.
 */
export function arnFits(pattern: string, value: string): boolean {
  const parts = partsOf(value);
  return partsOf(pattern).every((part, at) => fits(part, parts[at] ?? ''));
}

function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}
