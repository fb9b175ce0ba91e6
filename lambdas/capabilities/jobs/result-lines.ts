import type { JudgedAttributes } from '../attribute-status/signature-status.ts';
import type { JobFormat, JobRequest, JobTotals, MalformedRow, RowAnswer } from './job.ts';
import { dayOf } from '../../people/person-event.ts';
import { jobLimits } from './limits.ts';

/**
 * The result files of a job, in the format of the upload.
 *
 * result: `line,serial|ppid,status,reason,revokedAt`; `revokedAt` is told by the day where rows
 * name PPIDs: its second would be the same at every service. `reason` is the CRLReason of a revoked row
 * (omitted if the service lacks the scope to read it), or why a row is unknown. If the result
 * contains only rows that are not good, it includes malformed rows with their code, so that an empty
 * result means that every row is good. If no row could be read, the first line says so. malformed:
 * `line,code`, without the row's content.
 */
export function resultHeader(
  request: Pick<JobRequest, 'format' | 'by' | 'ask' | 'method'>,
  { rows, malformed }: JobTotals,
): string {
  const { format, by } = request;
  const columns = columnsAfterStatus(request).join(',');
  const header = format === 'csv' ? `line,${by},status,${columns}\n` : '';
  if (malformed < rows) return header;
  const words = `no row could be read: all ${rows} are malformed`;
  return format === 'csv' ? `${words}\n${header}` : `${JSON.stringify({ warning: words })}\n`;
}

function columnsAfterStatus({ ask, method }: Pick<JobRequest, 'ask' | 'method'>): string[] {
  if (ask !== 'attributes') return ['reason', 'revokedAt'];
  const columns = ['reason', 'changedAt', 'sourceAt'];
  return method === undefined ? columns : [...columns, 'method', 'source'];
}

/** A malformed row in a result of rows that are not good. */
export function malformedResultLine(
  request: Pick<JobRequest, 'format' | 'ask' | 'method'>,
  line: number,
  code: MalformedRow,
): string {
  return request.format === 'csv'
    ? `${line},,malformed,${code}${','.repeat(columnsAfterStatus(request).length - 1)}\n`
    : `${JSON.stringify({ line, status: 'malformed', reason: code })}\n`;
}

export function malformedHeader(format: JobFormat): string {
  return format === 'csv' ? 'line,code\n' : '';
}

export function resultLine(
  { format, by, withoutReasons }: Pick<JobRequest, 'format' | 'by' | 'withoutReasons'>,
  line: number,
  identifier: string,
  answer: RowAnswer,
): string {
  const { status } = answer;
  const when = (at: number): string => timestamp(by === 'ppid' ? dayOf(at) : at);
  if (format === 'csv') {
    if (status === 'good') return `${line},${identifier},good,,\n`;
    return status === 'revoked'
      ? `${line},${identifier},revoked,${withoutReasons ? '' : answer.reason},${when(answer.revokedAt)}\n`
      : `${line},${identifier},unknown,${answer.why},\n`;
  }
  const row = { line, [by]: identifier, status };
  const more = (): object => {
    if (status === 'revoked') {
      return {
        ...(withoutReasons ? {} : { reason: answer.reason }),
        revokedAt: when(answer.revokedAt),
      };
    }
    return status === 'unknown' ? { reason: answer.why } : {};
  };
  return `${JSON.stringify({ ...row, ...more() })}\n`;
}

/**
 * `line,ppid,status,reason,changedAt,sourceAt`; `changedAt` is a day, and `sourceAt` is the thisUpdate of
 * the list or response. Of a job with a method also `method,source`: what answered this row.
 */
export function attributeLine(
  { format, method: asked }: Pick<JobRequest, 'format' | 'method'>,
  line: number,
  ppid: string,
  answer: JudgedAttributes,
): string {
  const { status, evidence } = answer;
  const reason = status === 'unknown' ? answer.reason : undefined;
  const changedAt = status === 'changed' ? timestamp(dayOf(answer.changedAt)) : undefined;
  const sourceAt = evidence && timestamp(evidence.thisUpdate);
  const row = { line, ppid, status, reason, changedAt, sourceAt };
  const told =
    asked === undefined ? row : { ...row, method: evidence?.method, source: evidence?.source };
  if (format === 'csv') return `${Object.values(told).map(csvField).join(',')}\n`;
  return `${JSON.stringify(told)}\n`;
}

/** RFC 4180 §2: the URL of a responder may have a comma. */
const csvField = (value: string | number | undefined): string => {
  const text = String(value ?? '');
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export function malformedLine(format: JobFormat, line: number, code: MalformedRow): string {
  return format === 'csv' ? `${line},${code}\n` : `${JSON.stringify({ line, code })}\n`;
}

/**
 * Revocation dates are whole seconds (RFC 5280 §5.1.2.6). A list has few distinct days and a result
 * millions of rows: the text of each day is cached and the time is computed.
 */
function timestamp(ms: number): string {
  const day = Math.floor(ms / dayMs);
  let text = dayTexts.get(day);
  if (text === undefined) {
    text = new Date(day * dayMs).toISOString().slice(0, 11);
    if (dayTexts.size === jobLimits.dayTextsKept) dayTexts.clear();
    dayTexts.set(day, text);
  }
  const second = Math.floor(ms / 1000) - day * 86_400;
  const minute = Math.floor(second / 60);
  return `${text}${two(Math.floor(minute / 60))}:${two(minute % 60)}:${two(second % 60)}Z`;
}

const dayMs = 86_400_000;
const dayTexts = new Map<number, string>();
const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
