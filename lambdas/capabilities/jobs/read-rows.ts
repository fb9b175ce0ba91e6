import { toLatin1 } from '../../pki/x509/octets.ts';
import { JsonRefused, parseStrictJson } from '../../strict-json.ts';
import { parseCsvLine } from './csv-line.ts';
import { parsePpid } from './identifiers.ts';
import type { Columns, JobRequest, MalformedRow } from './job.ts';
import { decodedText, foreignBreak } from './row-text.ts';

/** One row that could be read. */
export interface Row {
  /** Line number in the plain file, from 1. */
  readonly line: number;
  /** Serial as the row writes it, still to be read by `parseSerials`; or PPID, lower case. */
  readonly identifier: string;
  /** As the row says it; undefined when it names none. */
  readonly issuer: string | undefined;
}

export interface RowsRead {
  readonly rows: readonly Row[];
  readonly malformed: readonly { readonly line: number; readonly why: MalformedRow }[];
}

/**
 * Reads the lines of one chunk. Empty lines are no rows. What is read is ASCII, so the bytes are taken
 * as Latin-1: a name column in UTF-8 or Shift_JIS beside the serial does no harm.
 */
export function readRows(
  bytes: Uint8Array,
  firstLine: number,
  request: Pick<JobRequest, 'format' | 'by'>,
  columns: Columns,
): RowsRead {
  const rows: Row[] = [];
  const malformed: { line: number; why: MalformedRow }[] = [];
  const text = toLatin1(bytes);
  const parse = request.by === 'serial' ? asWritten : parsePpid;
  const read = request.format === 'csv' ? readCsv : readJson;
  // Looked for once in a chunk: nearly no file has either.
  const carriages = text.includes('\r');
  const breaks = request.format === 'csv' && foreignBreak.test(text);
  let line = firstLine;
  for (let start = 0; start < text.length; line += 1) {
    const end = endOfLine(text, start, carriages);
    const content = text.slice(start, end).trim();
    start = text.startsWith('\r\n', end) ? end + 2 : end + 1;
    if (content === '') continue;
    const fields =
      breaks && foreignBreak.test(content) ? 'row-malformed' : read(content, request.by, columns);
    if (typeof fields === 'string') malformed.push({ line, why: fields });
    else if (fields.identifier === undefined) {
      malformed.push({ line, why: `${request.by}-missing` });
    } else {
      const identifier = parse(fields.identifier);
      if (identifier === undefined) malformed.push({ line, why: `${request.by}-malformed` });
      else rows.push({ line, identifier, issuer: fields.issuer });
    }
  }
  return { rows, malformed };
}

/** As `LineSplitter` ends lines: LF, CRLF or CR. */
function endOfLine(text: string, start: number, carriages: boolean): number {
  const feed = text.indexOf('\n', start);
  const end = feed < 0 ? text.length : feed;
  if (!carriages) return end;
  const carriage = text.slice(start, end).indexOf('\r');
  return carriage < 0 ? end : start + carriage;
}

interface Fields {
  readonly identifier: string | undefined;
  readonly issuer: string | undefined;
}

function readCsv(
  line: string,
  _by: JobRequest['by'],
  { identifier, issuer, count }: Columns,
): Fields | MalformedRow {
  // Nearly every line of millions: no quotes, and no array of fields made for it.
  if (!line.includes('"')) {
    if (count !== undefined && hasMoreThan(count, line)) return 'row-malformed';
    return {
      identifier: present(plainField(line, identifier)),
      issuer: issuer === undefined ? undefined : present(plainField(line, issuer)),
    };
  }
  const fields = parseCsvLine(line);
  if (fields === undefined) return quotesOf(line) % 2 === 1 ? 'quote-unclosed' : 'row-malformed';
  if (fields.slice(count).some((field) => present(field) !== undefined)) return 'row-malformed';
  return {
    identifier: present(fields[identifier]),
    issuer: issuer === undefined ? undefined : present(fields[issuer]),
  };
}

const quotesOf = (line: string): number => line.split('"').length - 1;

/** Are there fields behind the last column, other than empty ones. */
function hasMoreThan(count: number, line: string): boolean {
  let at = -1;
  for (let skipped = 0; skipped < count; skipped += 1) {
    at = line.indexOf(',', at + 1);
    if (at < 0) return false;
  }
  return /[^,\s]/.test(line.slice(at));
}

function plainField(line: string, n: number): string | undefined {
  let start = 0;
  for (let skipped = 0; skipped < n; skipped += 1) {
    start = line.indexOf(',', start) + 1;
    if (start === 0) return undefined;
  }
  const end = line.indexOf(',', start);
  return line.slice(start, end < 0 ? undefined : end);
}

function readJson(line: string, by: JobRequest['by']): Fields | MalformedRow {
  let value: unknown;
  try {
    value = parseStrictJson(line);
  } catch (error) {
    const repeated = error instanceof JsonRefused && error.fault === 'member-repeated';
    return repeated ? 'member-repeated' : 'row-malformed';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'row-malformed';
  const { [by]: identifier, issuer } = value as Record<string, unknown>;
  // A serial that lost its quotes may have lost digits too.
  if (!isText(identifier) || !isText(issuer)) return 'row-malformed';
  return { identifier: present(identifier), issuer: present(issuer) };
}

const isText = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';

/** Full-width digits are read too; all else of a serial is ASCII. */
const asWritten = decodedText;

const present = (field: string | undefined): string | undefined => {
  const trimmed = field?.trim();
  return trimmed === '' ? undefined : trimmed;
};
