import { isCodedError } from '../../errors.ts';
import type { Exchange } from './operation-handler.ts';

export type LogFields = Record<string, string | number | boolean | undefined>;
export type LogSink = (line: Readonly<Record<string, unknown>>) => void;

/** The default sink: one JSON line to the function's log. */
export const writeJsonLine: LogSink = (line) =>
  console.log(JSON.stringify({ ...line, ...verdictCounter(line) }));

/**
 * Verdicts are counted by code, method and authority: CloudWatch's embedded metric format, no call.
 * Not by list: its name tells a municipality.
 */
function verdictCounter(line: Readonly<Record<string, unknown>>): object {
  const { verdict, verdictCode, revocationMethod = 'none', anchor = 'none' } = line;
  if (verdict === undefined) return {};
  return {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: 'MyKeyPlatform',
          Dimensions: [
            ['Stage', 'verdictCode'],
            ['Stage', 'revocationMethod', 'anchor', 'verdictCode'],
          ],
          Metrics: [{ Name: 'Verdicts', Unit: 'Count' }],
        },
      ],
    },
    Stage: process.env['STAGE'] ?? 'none',
    verdictCode: verdictCode ?? verdict,
    revocationMethod,
    anchor,
    Verdicts: 1,
  };
}

/**
 * The audit record of one request: who asked for what, the decision's code, the evidence's method
 * and source, durations. No body, certificate, serial, PPID or subject ever enters it.
 */
export function writeLogLine(exchange: Exchange, status: number, error?: unknown): void {
  const { contract, requestId, fields, startedAt, now, settings } = exchange;
  const ours = error !== undefined && status >= 500;
  (settings.log ?? writeJsonLine)({
    time: new Date(now).toISOString(),
    level: ours ? 'error' : 'info',
    requestId,
    operation: contract.id,
    status,
    ...(error === undefined ? {} : { code: codeOf(error) }),
    ...fields,
    durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
    ...(ours ? { cause: describe(error) } : {}),
  });
}

const codeOf = (error: unknown): string => (isCodedError(error) ? error.code : 'internal-error');

/**
 * Class names and code positions of an error and its causes. Messages stay out: an SDK's or a
 * parser's message may quote what it was given.
 */
export function describe(error: unknown): readonly string[] {
  const lines: string[] = [];
  for (let at: unknown = error; at instanceof Error && lines.length < 8; at = at.cause) {
    const frame =
      at.stack
        ?.split('\n')
        .find((line) => /^\s+at /.test(line))
        ?.trim() ?? '';
    lines.push(`${at.name}${isCodedError(at) ? ` ${at.code}` : ''} ${frame}`.trim());
  }
  return lines;
}
