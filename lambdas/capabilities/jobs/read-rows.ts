import { toLatin1 } from '../../pki/x509/octets.ts';
import { JsonRefused, parseStrictJson } from '../../strict-json.ts';
import { parseCsvLine } from './csv-line.ts';
import { parsePpid } from './identifiers.ts';
import type { Columns, JobRequest, MalformedRow } from './job.ts';
import { decodedText, foreignBreak } from './row-text.ts';

/** A row that could be read. */
export interface Row {
  /** Line number in the decompressed file, from 1. */
  readonly line: number;
  /**
   * The serial as written in the row, not yet parsed by `parseSerials`; or the PPID in lower case.
   */
  readonly identifier: string;
  /** The issuer as written in the row; undefined if absent. */
  readonly issuer: string | undefined;
}

export interface RowsRead {
  readonly rows: readonly Row[];
  readonly malformed: readonly { readonly line: number; readonly why: MalformedRow }[];
}

/**
 * Parses the lines of one chunk. Empty lines are skipped. The fields read are ASCII, so octets are
 * decoded as Latin-1: other columns in UTF-8 or Shift_JIS, such as names, are harmless.
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
  // Checked once per chunk, because almost no file contains either.
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

/** Line ends as in `LineSplitter`: LF, CRLF or CR. */
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
  // Fast path for almost every line: without quotes, no array of fields is allocated.
  if (!line.includes('"')) {
    if (count !== undefined && hasMoreThan(count, line)) return 'row-malformed';
    return {
      identifier: present(plainField(line, identifier)),
      issuer: issuer === undefined ? undefined : present(plainField(line, issuer)),
    };
  }
  const fields = parseCsvLine(line);
  if (fields === undefined) return 'row-malformed';
  if (fields.slice(count).some((field) => present(field) !== undefined)) return 'row-malformed';
  return {
    identifier: present(fields[identifier]),
    issuer: issuer === undefined ? undefined : present(fields[issuer]),
  };
}

/** True if fields other than empty ones follow the last column. */
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
  // A JSON number may have lost digits, where a string would have them.
  if (by === 'serial' && typeof identifier === 'number') return 'serial-rounded';
  if (!isText(identifier) || !isText(issuer)) return 'row-malformed';
  return { identifier: present(identifier), issuer: present(issuer) };
}

const isText = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';

/** Accepts full-width digits; otherwise a serial is ASCII. */
const asWritten = decodedText;

const present = (field: string | undefined): string | undefined => {
  const trimmed = field?.trim();
  return trimmed === '' ? undefined : trimmed;
};
