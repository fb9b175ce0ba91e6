import type { JobFailure } from './job.ts';
import { jobLimits } from './limits.ts';

/** What to do after each failure; a failure that knows more of the file says it itself. */
export const failureCures: Readonly<Record<JobFailure, string>> = {
  'upload-compression-wrong':
    'compress the file again: it is not one whole gzip file, or has other bytes after it',
  'upload-truncated': 'compress the file again: it is truncated',
  'upload-expands-too-far': 'send a file of rows: this gzip file expands far more than rows can',
  'upload-encoding-unsupported': 'save the file as CSV or NDJSON in UTF-8',
  'upload-format-wrong': 'send a file of rows, as CSV or NDJSON',
  'upload-line-too-long': `end rows with LF, CRLF or CR: a line has more than ${jobLimits.lineBytes} bytes`,
  'upload-too-large': `divide the file: a job takes ${jobLimits.lines} lines and ${jobLimits.plainBytes} bytes decompressed`,
  'upload-too-large-for-ocsp': `divide the file, or leave out method to ask by the full lists: a job that may ask a responder takes ${jobLimits.ocspLines} rows`,
  'upload-quote-open':
    'save the file without line breaks inside fields: a quoted field continues on the next line',
  'upload-columns-missing':
    'set column to the name or position of the identifier: no column is named serial or ppid; columns are separated by commas, not by semicolons or tabs',
  'upload-columns-ambiguous':
    'set column to the name or position of the identifier: several columns could contain it',
  'upload-serials-ambiguous':
    'set serialFormat to hex or decimal: hardly any serial contains a digit a–f',
  'upload-changed': 'create a new job: the file was replaced or removed after the start',
  'upload-empty': 'send a file with at least one row',
  'identifiers-quota-exceeded':
    'wait for midnight UTC, or send fewer rows: the serials of a service are counted by the day, in jobs and bulk checks together',
  'timed-out': 'create a new job: this one took longer than two hours',
  'internal-error': 'create a new job; if it fails too, report its id',
};
