/** Above this a string is bytes or a token: its start tells enough. Addresses are read whole. */
const longest = 40;
const isAddress = (text: string): boolean => /^https?:/.test(text);

/** JSON for reading: one line where it fits, long strings cut, one member a line otherwise. */
export function brief(value: unknown, width: number): string {
  const line = oneLine(value);
  if (line.length <= width || typeof value !== 'object' || value === null) return line;
  const members = Array.isArray(value)
    ? value.map((item) => brief(item, width - 2))
    : entriesOf(value).map(([name, item]) => `${name}: ${brief(item, width - 4 - name.length)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${members.map((member) => `  ${member.replaceAll('\n', '\n  ')}`).join('\n')}\n${close}`;
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
