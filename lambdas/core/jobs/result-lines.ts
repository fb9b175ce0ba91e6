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

/** Revocation dates are whole seconds (RFC 5280 §5.1.2.6). */
const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
