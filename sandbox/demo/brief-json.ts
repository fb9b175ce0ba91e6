/** Above this a string is bytes or a token: its start tells enough. Addresses are read whole. */
const longest = 40;
const isAddress = (text: string): boolean => /^https?:/.test(text);

/** JSON for reading: one line where it fits, else as many members a line as fit; long strings cut. */
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

/** Members side by side while they fit; one that spans lines stands alone. */
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
