import type { RenderedResponse } from './gateway-response.ts';
import { GatewayRefusal } from './gateway-response.ts';
import { type Call, headerOf } from './incoming-call.ts';
import { isBinary } from './proxy-event.ts';

export interface ProxyResponse extends Omit<RenderedResponse, 'body' | 'headers'> {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | Buffer;
}

interface LambdaAnswer {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, unknown>> | null;
  readonly multiValueHeaders?: Readonly<Record<string, readonly unknown[]>> | null;
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
}

/** Response headers of a function that API Gateway renames to `x-amzn-remapped-…`. */
const remapped = new Set([
  'authorization',
  'connection',
  'content-md5',
  'date',
  'expect',
  'host',
  'max-forwards',
  'server',
  'te',
  'trailer',
  'upgrade',
  'user-agent',
  'www-authenticate',
]);
/** Response headers that API Gateway sets itself. */
const dropped = new Set(['content-length', 'transfer-encoding']);

/**
 * Validates and converts a function's response.
 * @throws GatewayRefusal 502 for a malformed response
 */
export function proxyResponse(call: Call, payload: string): ProxyResponse {
  const answer = JSON.parse(payload) as LambdaAnswer | null;
  const status = Number(answer?.statusCode);
  const body = answer?.body ?? '';
  const wellFormed =
    answer !== null &&
    typeof answer === 'object' &&
    Number.isInteger(status) &&
    status >= 100 &&
    status <= 599 &&
    typeof body === 'string';
  if (!wellFormed) throw new GatewayRefusal('DEFAULT_5XX', 'Internal server error');
  const headers: Record<string, string | string[]> = { 'content-type': 'application/json' };
  const given = [
    ...Object.entries(answer.headers ?? {}).map(([name, value]) => [name, [value]] as const),
    ...Object.entries(answer.multiValueHeaders ?? {}),
  ];
  for (const [name, values] of given) {
    const lower = name.toLowerCase();
    if (dropped.has(lower)) continue;
    const sent = remapped.has(lower) ? `x-amzn-remapped-${lower}` : lower;
    const texts = values.map((value) => String(value));
    headers[sent] = texts.length === 1 ? (texts[0] ?? '') : texts;
  }
  const binary = answer.isBase64Encoded === true && isBinary(call, headerOf(call, 'accept'));
  return { status, headers, body: binary ? Buffer.from(body, 'base64') : body };
}
