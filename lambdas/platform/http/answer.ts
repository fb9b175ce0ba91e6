import type { APIGatewayProxyResult } from 'aws-lambda';
import { QuotaExceeded } from '../../errors.ts';
import type { Answer } from './operation-call.ts';
import type { Exchange } from './operation-handler.ts';
import { problemDocument, type ProblemDocument } from './problems.ts';

/** Shape of error bodies where a standard defines another one than problem+json (RFC 6749 §5.2). */
export type ErrorShape = (problem: ProblemDocument) => Answer;

export function answerSuccess({ requestId }: Exchange, answer: Answer): APIGatewayProxyResult {
  const { 'Content-Type': contentType = 'application/json', ...headers } = answer.headers ?? {};
  const body =
    answer.body === undefined
      ? ''
      : typeof answer.body === 'string'
        ? answer.body
        : JSON.stringify(answer.body);
  return {
    statusCode: answer.status,
    headers: {
      ...securityHeaders,
      'X-Request-Id': requestId,
      ...(answer.body === undefined ? {} : { 'Content-Type': contentType }),
      ...headers,
    },
    body,
  };
}

export function answerError(exchange: Exchange, error: unknown): APIGatewayProxyResult {
  const { settings, requestId } = exchange;
  const problem = problemDocument(error, requestId, settings.publicBaseUrl);
  const shape = settings.errorShape ?? asProblem;
  const answer = shape(problem);
  if (!(error instanceof QuotaExceeded)) return answerSuccess(exchange, answer);
  const headers = { ...answer.headers, 'Retry-After': String(error.retryAfterSeconds) };
  return answerSuccess(exchange, { ...answer, headers });
}

const asProblem: ErrorShape = (problem) => ({
  status: problem.status,
  body: problem,
  headers: {
    'Content-Type': 'application/problem+json',
    ...(problem.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    // Retry-After in seconds: long enough for a responder to recover, short enough for a person at
    // a counter.
    ...(problem.status === 503 ? { 'Retry-After': '5' } : {}),
  },
});

/**
 * Responses contain personal data: forbid caching, framing, content sniffing and script execution.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
};
