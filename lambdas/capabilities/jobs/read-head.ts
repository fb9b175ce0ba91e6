import { whyMalformed } from '../../crl-store/lookup/malformed-serials.ts';
import {
  foreignEncoding,
  foreignFile,
  foreignFileOctets,
  foreignJsonLine,
  foreignLine,
  wrongEncoding,
  type ForeignFile,
} from './foreign-file.ts';
import type { Columns, JobRequest } from './job.ts';
import { JobRejected } from './job-rejected.ts';
import { parseCsvLine } from './csv-line.ts';
import { isIdentifierName, isIssuerName, plainName } from './header-names.ts';
import { isSerial, parsePpid } from './identifiers.ts';
import { leavesQuoteOpen } from './open-quote.ts';
import { decodedText, foreignBreak } from './row-text.ts';

/** The part of the file before the first row. */
export interface Head {
  /** Octets to skip: byte order mark, empty lines before a header, and the header. */
  readonly bytes: number;
  /** Line number of the first row. */
  readonly firstLine: number;
  readonly columns: Columns;
}

export type HeadRequest = Pick<JobRequest, 'format' | 'by' | 'serialFormat' | 'column'>;

/** The UTF-8 byte order mark is skipped; a UTF-16 one yields an error that asks for UTF-8. */
const utf8Mark = [0xef, 0xbb, 0xbf];
const utf16Marks = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/**
 * Reads the beginning of the decompressed file: its encoding, whether it has a header, and the
 * columns. Columns are never guessed: a first line that is neither a header with an identifier
 * column nor a readable row is refused.
 *
 * Returns undefined if `bytes` contains no whole line and more may follow (`atEnd` false).
 * @throws JobRejected
 */
export function readHead(
  bytes: Uint8Array,
  atEnd: boolean,
  request: HeadRequest,
  knowsIssuer: (name: string) => boolean,
): Head | undefined {
  // The result must not depend on how the file is divided into reads.
  if (!atEnd && bytes.length < foreignFileOctets) return undefined;
  refuse(foreignFile(bytes));
  if (utf16Marks.some((mark) => startsWith(bytes, mark))) refuse(wrongEncoding('UTF-16'));
  const mark = startsWith(bytes, utf8Mark) ? utf8Mark.length : 0;
  let start = mark;
  for (let line = 1; ; line += 1) {
    const found = lineEnd(bytes, start, atEnd);
    if (found === undefined) return undefined;
    const content = Buffer.from(bytes.subarray(start, found.end)).toString('latin1');
    // UTF-16 without BOM, ISO-2022-JP or an image: text rows contain no control characters.
    if (
      request.format === 'csv'
        ? foreignBreak.test(content)
        : ['\0', '\x1b'].some((control) => content.includes(control))
    ) {
      refuse(foreignEncoding(content));
    }
    if (content.trim() !== '') {
      const first: FirstLine =
        request.format === 'csv'
          ? firstLine(content, request, knowsIssuer)
          : firstJsonLine(content);
      const { isHeader, columns } = first;
      return isHeader
        ? { bytes: found.next, firstLine: line + 1, columns }
        : { bytes: mark, firstLine: 1, columns };
    }
    if (found.next === bytes.length && atEnd) throw new JobRejected('upload-empty');
    start = found.next;
  }
}

/** Line ends as in `LineSplitter`: LF, CRLF or CR. */
function lineEnd(
  bytes: Uint8Array,
  start: number,
  atEnd: boolean,
): { readonly end: number; readonly next: number } | undefined {
  const feed = bytes.indexOf(0x0a, start);
  const carriage = bytes.indexOf(0x0d, start);
  if (feed < 0 && carriage < 0) {
    return atEnd ? { end: bytes.length, next: bytes.length } : undefined;
  }
  if (carriage < 0 || (feed >= 0 && feed < carriage)) return { end: feed, next: feed + 1 };
  // An LF may follow.
  if (carriage === bytes.length - 1 && !atEnd) return undefined;
  return { end: carriage, next: feed === carriage + 1 ? feed + 1 : carriage + 1 };
}

interface FirstLine {
  readonly isHeader: boolean;
  readonly columns: Columns;
}

function firstJsonLine(content: string): FirstLine {
  refuse(foreignJsonLine(content));
  return { isHeader: false, columns: { identifier: 0 } };
}

/** What is no row for another reason than its columns is named by that. */
function firstLine(
  content: string,
  request: HeadRequest,
  knowsIssuer: (name: string) => boolean,
): FirstLine {
  try {
    return judgeFirstLine(decodedText(content).trim(), request, knowsIssuer);
  } catch (error) {
    if (error instanceof JobRejected) refuse(foreignLine(content));
    throw error;
  }
}

function refuse(foreign: ForeignFile | undefined): void {
  if (foreign !== undefined) throw new JobRejected(foreign.failure, { detail: foreign.cure });
}

function judgeFirstLine(
  line: string,
  request: HeadRequest,
  knowsIssuer: (name: string) => boolean,
): FirstLine {
  const fields = parseCsvLine(line)?.map((field) => field.trim());
  if (fields === undefined) {
    throw new JobRejected(leavesQuoteOpen(line) ? 'upload-quote-open' : 'upload-columns-missing');
  }
  const { column, by } = request;
  if (typeof column === 'string') {
    const wanted = plainName(column);
    return header(fields, (field) => plainName(field) === wanted);
  }
  if (typeof column === 'number') return numbered(fields, column, request);
  if (fields.some((field) => isIdentifierName(field, by))) {
    // A header and a record whose separating line break was lost.
    const joined = fields.some((field) => field.length >= 8 && isIdentifier(field, request));
    if (joined) throw new JobRejected('upload-columns-missing');
    return header(fields, (field) => isIdentifierName(field, by));
  }
  if (isRow(fields, request, knowsIssuer)) {
    return { isHeader: false, columns: { identifier: 0, issuer: 1, count: 2 } };
  }
  throw new JobRejected('upload-columns-missing');
}

/** Without a header, a row is an identifier, or an identifier and a known issuer in two columns. */
function isRow(
  fields: readonly string[],
  request: HeadRequest,
  knowsIssuer: (name: string) => boolean,
): boolean {
  const [identifier = '', issuer = '', ...more] = fields;
  return (
    isIdentifier(identifier, request) &&
    (issuer === '' || knowsIssuer(issuer)) &&
    more.every((field) => field === '')
  );
}

const isIdentifier = (text: string, { by, serialFormat }: HeadRequest): boolean =>
  by === 'serial'
    ? isSerial(text, serialFormat) || whyMalformed(text) === 'serial-rounded'
    : parsePpid(text) !== undefined;

/** The columns that a header names. Two columns that match are refused, as is none. */
function header(fields: readonly string[], isIdentifier: (field: string) => boolean): FirstLine {
  const identifier = fields.findIndex(isIdentifier);
  const issuer = fields.findIndex(isIssuerName);
  if (identifier < 0) throw new JobRejected('upload-columns-missing');
  if (
    fields.findLastIndex(isIdentifier) !== identifier ||
    fields.findLastIndex(isIssuerName) !== issuer
  ) {
    throw new JobRejected('upload-columns-ambiguous');
  }
  return {
    isHeader: true,
    columns: { identifier, count: fields.length, ...(issuer >= 0 ? { issuer } : {}) },
  };
}

/**
 * The caller counts columns from 1. The first line is treated as a header only if it has a known
 * column name; otherwise it is a row, and counts as malformed if it was a header, so that no line
 * is ignored.
 */
function numbered(fields: readonly string[], column: number, request: HeadRequest): FirstLine {
  const identifier = column - 1;
  const field = fields[identifier];
  if (field === undefined) throw new JobRejected('upload-columns-missing');
  const issuer = fields.findIndex(isIssuerName);
  const named = issuer >= 0 && issuer !== identifier ? { issuer } : {};
  return {
    isHeader: isIdentifierName(field, request.by) || 'issuer' in named,
    columns: { identifier, count: fields.length, ...named },
  };
}

const startsWith = (bytes: Uint8Array, prefix: readonly number[]): boolean =>
  prefix.every((octet, index) => bytes[index] === octet);
