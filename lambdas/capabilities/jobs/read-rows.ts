import { toLatin1 } from '../../pki/x509/octets.ts';
import { parseCsvLine } from './csv-line.ts';
import { parsePpid } from './identifiers.ts';
import type { Columns, JobRequest, MalformedRow } from './job.ts';

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
  let line = firstLine;
  for (let start = 0; start < text.length; line += 1) {
    const lineFeed = text.indexOf('\n', start);
    const end = lineFeed < 0 ? text.length : lineFeed;
    const content = text.slice(start, end).trim();
    start = end + 1;
    if (content === '') continue;
    const fields = read(content, request.by, columns);
    if (fields === undefined) malformed.push({ line, why: 'row-malformed' });
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

interface Fields {
  readonly identifier: string | undefined;
  readonly issuer: string | undefined;
}

function readCsv(line: string, _by: JobRequest['by'], columns: Columns): Fields | undefined {
  // Nearly every line of millions: no quotes, and no array of fields made for it.
  const field = line.includes('"') ? quotedFields(line) : (n: number) => plainField(line, n);
  return (
    field && {
      identifier: present(field(columns.identifier)),
      issuer: columns.issuer === undefined ? undefined : present(field(columns.issuer)),
    }
  );
}

function quotedFields(line: string): ((n: number) => string | undefined) | undefined {
  const fields = parseCsvLine(line);
  return fields && ((n) => fields[n]);
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

function readJson(line: string, by: JobRequest['by']): Fields | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { [by]: identifier, issuer } = value as Record<string, unknown>;
  // A serial that lost its quotes may have lost digits too.
  if (!isText(identifier) || !isText(issuer)) return undefined;
  return { identifier: present(identifier), issuer: present(issuer) };
}

const isText = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === 'string';

const asWritten = (text: string): string => text;

const present = (field: string | undefined): string | undefined => {
  const trimmed = field?.trim();
  return trimmed === '' ? undefined : trimmed;
};
