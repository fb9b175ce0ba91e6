/** A longer string is binary data or a token and is truncated. URLs are shown in full. */
const longest = 40;
const isAddress = (text: string): boolean => /^https?:/.test(text);

/**
 * Formats JSON for reading: one line if it fits, otherwise as many members per line as fit; long
 * strings are truncated.
 */
export function brief(value: unknown, width: number): string {
  const line = oneLine(value);
  if (line.length <= width || typeof value !== 'object' || value === null) return line;
  const members = Array.isArray(value)
    ? value.map((item) => brief(item, width - 4))
    : entriesOf(value).map(([name, item]) => `${name}: ${brief(item, width - 6)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const lines = filled(members, width - 4).map((each) => each.replaceAll('\n', '\n  '));
  return `${open} ${lines.join(',\n  ')} ${close}`;
}

/** Puts members on one line while they fit; a multi-line member gets its own lines. */
function filled(members: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const member of members) {
    const last = lines.at(-1);
    const fits =
      last !== undefined &&
      !last.includes('\n') &&
      !member.includes('\n') &&
      last.length + member.length + 2 <= width;
    if (fits) lines[lines.length - 1] = `${last}, ${member}`;
    else lines.push(member);
  }
  return lines;
}

function oneLine(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(
      value.length > longest && !isAddress(value) ? `${value.slice(0, 20)}…` : value,
    );
  }
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nothing';
  const members = entriesOf(value).map(([name, item]) => `${name}: ${oneLine(item)}`);
  return members.length > 0 ? `{ ${members.join(', ')} }` : '{}';
}

const entriesOf = (value: object): [string, unknown][] =>
  Object.entries(value).filter(([, item]) => item !== undefined);
