import { archiveFormOf } from '../../pki/diagnosis/what-it-is.ts';
import type { JobFailure } from './job.ts';
import { isUtf8 } from './row-text.ts';

/** What a file is that is no text of rows: the failure and the advice, the cure first. */
export interface ForeignFile {
  readonly failure: JobFailure;
  readonly cure: string;
}

/** Octets that `foreignFile` looks at. */
export const foreignFileOctets = 512;

const compressed = ['gzip', 'bzip2', 'xz', 'Zstandard', 'lz4', 'compress (.Z)'];

/**
 * An archive, a workbook, a picture, a compressed file or a page, by the first octets of the decompressed
 * file; undefined if it may be text of rows.
 */
export function foreignFile(bytes: Uint8Array): ForeignFile | undefined {
  const what = archiveFormOf(bytes)?.what;
  if (what !== undefined) {
    return compressed.includes(what)
      ? {
          failure: 'upload-compression-wrong',
          cure:
            what === 'gzip'
              ? 'set compression to gzip, and compress once: this is gzip'
              : `decompress it, or compress it by gzip: this is ${what}`,
        }
      : wrongForm(what);
  }
  const text = Buffer.from(bytes.subarray(0, foreignFileOctets))
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (/^<(?:!doctype html|html|head|body|!--)/i.test(text)) return wrongForm('an HTML page');
  return /^<\?xml/i.test(text) ? wrongForm('XML') : undefined;
}

/** As `foreignFile`, by the first line that is not empty, in Latin-1, where it cannot be read as a row. */
export function foreignLine(line: string): ForeignFile | undefined {
  const text = line.trimStart();
  if (text.startsWith('<')) return wrongForm('XML or HTML');
  if (text.startsWith('-----BEGIN ')) return wrongForm('PEM');
  if (/^[[{]/.test(text)) {
    return {
      failure: 'upload-format-wrong',
      cure: 'set format to ndjson, with one object in each line: this is JSON',
    };
  }
  if (isEucJp(line)) return wrongEncoding('EUC-JP');
  if (/^\s*sep=.\s*$/.test(line)) {
    return columnsMissing('remove the first line: "sep=" is an instruction to a spreadsheet');
  }
  const separator = line.includes(',') ? undefined : /[;\t]/.exec(line)?.[0];
  if (separator === undefined) return undefined;
  const name = separator === ';' ? 'semicolons' : 'tabs';
  return columnsMissing(`save the file with commas between columns: this one has ${name}`);
}

const columnsMissing = (cure: string): ForeignFile => ({
  failure: 'upload-columns-missing',
  cure,
});

/** As `foreignLine`, for NDJSON: an array, or an object over several lines. */
export const foreignJsonLine = (line: string): ForeignFile | undefined =>
  /^\s*(?:\[|\{\s*$)/.test(line)
    ? {
        failure: 'upload-format-wrong',
        cure: 'write one object in each line, without an array around them: this is JSON over several lines or an array',
      }
    : undefined;

/** The encoding of a first line that contains a control character. */
export function foreignEncoding(line: string): ForeignFile {
  // oxlint-disable-next-line no-control-regex -- the escape sequences of ISO-2022-JP
  if (/\x1b(?:\$[@B]|\$\(D|\([BIJ])/.test(line)) return wrongEncoding('ISO-2022-JP');
  if (line.includes('\0')) return wrongEncoding('UTF-16');
  return {
    failure: 'upload-encoding-unsupported',
    cure: 'save the file as CSV or NDJSON in UTF-8: it has control characters in its first line',
  };
}

export const wrongEncoding = (what: string): ForeignFile => ({
  failure: 'upload-encoding-unsupported',
  cure: `save the file in UTF-8: this is ${what}`,
});

const wrongForm = (what: string): ForeignFile => ({
  failure: 'upload-format-wrong',
  cure:
    what === 'an HTML page'
      ? 'download the file again, signed in: this is an HTML page, such as a portal shows in place of a file'
      : `save or unpack it as CSV or NDJSON: this is ${what}`,
});

/** JIS X 0208 in pairs of octets with the high bit, JIS X 0201 behind 8E, JIS X 0212 behind 8F. */
// oxlint-disable-next-line no-control-regex -- ASCII as a whole
const eucJp = /^(?:[\0-\x7f]|\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe]{2}|[\xa1-\xfe]{2})+$/;

/** In Shift_JIS such text is nothing but pairs of half-width katakana and rare kanji. */
const isEucJp = (line: string): boolean =>
  /[\x80-\xff]/.test(line) && eucJp.test(line) && !isUtf8(line);
