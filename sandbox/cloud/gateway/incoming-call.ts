import type { IncomingMessage } from 'node:http';
import type { ApiDefinition } from './api-definition.ts';
import type { Match } from './match-route.ts';

/** One request in the gateway, before and after its route and caller are known. */
export interface Call {
  readonly api: ApiDefinition;
  readonly requestId: string;
  readonly receivedAt: number;
  readonly httpMethod: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly multiValueHeaders: Record<string, string[]>;
  readonly query: Record<string, string> | null;
  readonly multiValueQuery: Record<string, string[]> | null;
  readonly sourceIp: string;
  readonly domainName: string;
  match?: Match;
  /** The authorizer's context as strings, with its principalId. */
  authorizer?: Readonly<Record<string, string>>;
  /** The value of the API key that meters the request. */
  usageKey?: string | undefined;
  errorMessage?: string;
}

export function readCall(
  api: ApiDefinition,
  request: IncomingMessage,
  requestId: string,
  receivedAt: number,
): Call {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  const headers = byName<string>();
  const multiValueHeaders = byName<string[]>();
  const raw = request.rawHeaders;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string;
    const value = raw[at + 1] as string;
    headers[name] = value;
    const values = multiValueHeaders[name];
    if (values === undefined) multiValueHeaders[name] = [value];
    else values.push(value);
  }
  const query = mark === -1 ? undefined : queryOf(url.slice(mark + 1));
  return {
    api,
    requestId,
    receivedAt,
    httpMethod: request.method ?? 'GET',
    path: mark === -1 ? url : url.slice(0, mark),
    headers,
    multiValueHeaders,
    query: query?.last ?? null,
    multiValueQuery: query?.all ?? null,
    sourceIp: request.socket.remoteAddress ?? '127.0.0.1',
    domainName: (request.headers.host ?? 'localhost').replace(/:\d+$/, ''),
  };
}

/** A header's value by case-insensitive name. */
export function headerOf(call: Call, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const key in call.headers) if (key.toLowerCase() === wanted) return call.headers[key];
  return undefined;
}

function queryOf(text: string) {
  const last = byName<string>();
  const all = byName<string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    last[name] = value;
    (all[name] ??= []).push(value);
  }
  return Object.keys(last).length === 0 ? undefined : { last, all };
}

/** Names come from callers: `constructor` and `__proto__` must be treated like any other. */
const byName = <T>(): Record<string, T> => Object.create(null) as Record<string, T>;
