import { isCodedError } from '../../errors.ts';
import type { Exchange } from './operation-handler.ts';

export type LogFields = Record<string, string | number | boolean | undefined>;
export type LogSink = (line: Readonly<Record<string, unknown>>) => void;

/** The default sink: one JSON line in the function's log. */
export const writeJsonLine: LogSink = (line) =>
  console.log(JSON.stringify({ ...line, ...verdictCounter(line) }));

/**
 * Counts decisions by code, method and authority in CloudWatch's embedded metric format, without an
 * API call. Not by list, because a list's name can identify a municipality.
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
 * The audit record of one request: caller, operation, decision code, evidence method and source,
 * durations. It never contains a body, certificate, serial number, PPID or subject.
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
 * Class names and code positions of an error and its causes. Messages are omitted, because an SDK's
 * or parser's message may quote its input.
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
