import type { Columns, JobRequest } from './job.ts';
import { JobRejected } from './job-rejected.ts';
import { parseCsvLine } from './csv-line.ts';
import { isSerial, parsePpid } from './identifiers.ts';

/** What stands before the first row. */
export interface Head {
  /** Bytes to skip: byte order mark, empty lines before a header, the header. */
  readonly bytes: number;
  /** Line number of the first row. */
  readonly firstLine: number;
  readonly columns: Columns;
}

/** UTF-8's mark is skipped; the UTF-16 ones say that the file has to be saved as UTF-8. */
const utf8Mark = [0xef, 0xbb, 0xbf];
const utf16Marks = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];
const gzipMagic = [0x1f, 0x8b];

/**
 * Looks at the beginning of the plain file: which encoding, is there a header, which column is which.
 *
 * A CSV header is a first line with a column named `serial` (or `ppid`), in any case and order, and
 * `issuer` where rows name theirs; other columns are skipped over. Without a header the identifier is
 * the first column and the issuer the second.
 *
 * Gives undefined while `bytes` hold no whole line and more may come (`atEnd` false).
 */
export function readHead(
  bytes: Uint8Array,
  atEnd: boolean,
  request: Pick<JobRequest, 'format' | 'by'>,
): Head | undefined {
  if (startsWith(bytes, gzipMagic)) throw new JobRejected('upload-compression-wrong');
  if (utf16Marks.some((mark) => startsWith(bytes, mark))) {
    throw new JobRejected('upload-encoding-unsupported');
  }
  const mark = startsWith(bytes, utf8Mark) ? utf8Mark.length : 0;
  let start = mark;
  let line = 1;
  for (;;) {
    const lineFeed = bytes.indexOf(0x0a, start);
    if (lineFeed < 0 && !atEnd) return undefined;
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    const text = Buffer.from(bytes.subarray(start, end)).toString('latin1').trim();
    // UTF-16 without its mark, an .xlsx, a picture: no text of rows has a NUL.
    if (text.includes('\0')) throw new JobRejected('upload-encoding-unsupported');
    if (text !== '') {
      const columns = request.format === 'csv' ? headerColumns(text, request.by) : undefined;
      if (columns === undefined) break;
      return { bytes: Math.min(end + 1, bytes.length), firstLine: line + 1, columns };
    }
    if (lineFeed < 0) throw new JobRejected('upload-empty');
    start = lineFeed + 1;
    line += 1;
  }
  return { bytes: mark, firstLine: 1, columns: { identifier: 0, issuer: 1 } };
}

/** The columns that a header names; undefined when the line is a row. */
function headerColumns(line: string, by: JobRequest['by']): Columns | undefined {
  const fields = parseCsvLine(line)?.map((field) => field.trim().toLowerCase()) ?? [];
  const identifier = fields.indexOf(by);
  const issuer = fields.indexOf('issuer');
  if (identifier >= 0) return { identifier, ...(issuer >= 0 ? { issuer } : {}) };
  const first = fields[0] ?? '';
  const isRow = by === 'serial' ? isSerial(first) : parsePpid(first) !== undefined;
  // Words where an identifier should stand: a header that names no column we know.
  if (!isRow && /^[a-z][a-z _-]*$/.test(first)) {
    throw new JobRejected('upload-columns-missing');
  }
  return undefined;
}

const startsWith = (bytes: Uint8Array, prefix: readonly number[]): boolean =>
  prefix.every((octet, index) => bytes[index] === octet);
