import type { JobFormat, JobRequest, MalformedRow, RowAnswer } from './job.ts';

/**
 * The files that a job gives back, in the format of the upload.
 *
 * result: `line,serial|ppid,status,reason,revokedAt`; `reason` is the CRLReason of a revoked row and
 * says why for an unknown one. malformed: `line,code`; nothing of the row itself.
 */
export function resultHeader({ format, by }: Pick<JobRequest, 'format' | 'by'>): string {
  return format === 'csv' ? `line,${by},status,reason,revokedAt\n` : '';
}

export function malformedHeader(format: JobFormat): string {
  return format === 'csv' ? 'line,code\n' : '';
}

export function resultLine(
  { format, by }: Pick<JobRequest, 'format' | 'by'>,
  line: number,
  identifier: string,
  answer: RowAnswer,
): string {
  const { status } = answer;
  if (format === 'csv') {
    if (status === 'good') return `${line},${identifier},good,,\n`;
    return status === 'revoked'
      ? `${line},${identifier},revoked,${answer.reason},${timestamp(answer.revokedAt)}\n`
      : `${line},${identifier},unknown,${answer.why},\n`;
  }
  const row = { line, [by]: identifier, status };
  const more = (): object => {
    if (status === 'revoked') {
      return { reason: answer.reason, revokedAt: timestamp(answer.revokedAt) };
    }
    return status === 'unknown' ? { reason: answer.why } : {};
  };
  return `${JSON.stringify({ ...row, ...more() })}\n`;
}

export function malformedLine(format: JobFormat, line: number, code: MalformedRow): string {
  return format === 'csv' ? `${line},${code}\n` : `${JSON.stringify({ line, code })}\n`;
}

/**
 * Revocation dates are whole seconds (RFC 5280 §5.1.2.6). A list has few days and a result millions of
 * rows: the day's text is kept, the time is arithmetic.
 */
function timestamp(ms: number): string {
  const day = Math.floor(ms / dayMs);
  let text = dayTexts.get(day);
  if (text === undefined) {
    text = new Date(day * dayMs).toISOString().slice(0, 11);
    if (dayTexts.size === mostDays) dayTexts.clear();
    dayTexts.set(day, text);
  }
  const second = Math.floor(ms / 1000) - day * 86_400;
  const minute = Math.floor(second / 60);
  return `${text}${two(Math.floor(minute / 60))}:${two(minute % 60)}:${two(second % 60)}Z`;
}

const dayMs = 86_400_000;
/** Ten years of certificates, and more. */
const mostDays = 4096;
const dayTexts = new Map<number, string>();
const two = (value: number): string => (value < 10 ? `0${value}` : String(value));
