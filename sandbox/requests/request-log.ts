import { errorCodes, type ErrorCode } from '../../lambdas/errors.ts';

/** One logged request of the sandbox, without personal data. */
export interface RequestRecord {
  /** Increasing sequence number, for readers that resume. */
  readonly sequence: number;
  readonly requestId: string;
  /** RFC 3339, by the sandbox's clock. */
  readonly time: string;
  /** Method and route as the API defines it, parameters in braces; `no route` where there is none. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  /** The client of the token or of the client assertion. */
  readonly clientId?: string;
  /** Error code of a refusal, or code of a verdict. */
  readonly code?: ErrorCode;
}

export interface RequestFilter {
  /** Only records after this sequence. */
  readonly after?: number;
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly since?: number;
  readonly clientId?: string;
  /** A part of method and route. */
  readonly route?: string;
}

/** The gateway's data about a request after it has answered. */
export interface AnsweredRequest {
  readonly requestId: string;
  readonly receivedAt: number;
  readonly httpMethod: string;
  /** Undefined if no route matched: a path is arbitrary text of the caller. */
  readonly resourcePath: string | undefined;
  readonly status: number;
  readonly durationMs: number;
  readonly clientId: string | undefined;
  readonly code: unknown;
}

/** Enough for some hours of manual use; the functions' own logs are complete. */
const recordsKept = 1_000;

/**
 * The last requests of a sandbox. Only values of known form are stored: a client id of the
 * platform, a code of the catalogue, a route of the API. Names, numbers and certificates cannot be
 * stored, even if a caller sends them in place of one of these.
 */
export class RequestLog {
  /** By request id, in the order of their answers. */
  readonly #records = new Map<string, RequestRecord>();
  /** Fields of a function's log line printed before the gateway answered. */
  readonly #said = new Map<string, Pick<RequestRecord, 'clientId' | 'code'>>();
  #sequence = 0;

  /** Extracts client and verdict code from a function's log line. */
  noteLine(line: string): void {
    if (!line.startsWith('{') || !line.includes('"requestId"')) return;
    const fields = parsed(line);
    const { requestId } = fields;
    if (typeof requestId !== 'string') return;
    const clientId = clientIdOf(fields['clientId'] ?? fields['claimedClientId']);
    const code = codeOf(fields['code'] ?? fields['verdictCode']);
    const said = { ...(clientId && { clientId }), ...(code && { code }) };
    const known = this.#records.get(requestId);
    if (known === undefined) {
      this.#said.set(requestId, { ...this.#said.get(requestId), ...said });
      // Ignores lines of functions that no request invoked.
      if (this.#said.size > recordsKept) this.#said.delete(this.#said.keys().next().value!);
    } else this.#records.set(requestId, { ...known, ...said });
  }

  answered(request: AnsweredRequest): void {
    const { requestId, httpMethod, resourcePath } = request;
    const clientId = clientIdOf(request.clientId);
    const code = codeOf(request.code);
    const said = this.#said.get(requestId);
    this.#said.delete(requestId);
    const method = methods.has(httpMethod) ? httpMethod : 'OTHER';
    this.#records.set(requestId, {
      sequence: ++this.#sequence,
      requestId,
      time: new Date(request.receivedAt).toISOString(),
      route: `${method} ${resourcePath ?? 'no route'}`,
      status: request.status,
      durationMs: Math.round(request.durationMs),
      ...(clientId && { clientId }),
      ...(code && { code }),
      ...said,
    });
    if (this.#records.size > recordsKept) this.#records.delete(this.#records.keys().next().value!);
  }

  /** The last requests that fit, oldest first. */
  recent({ after = 0, since = 0, clientId, route }: RequestFilter = {}): readonly RequestRecord[] {
    return [...this.#records.values()].filter(
      (record) =>
        record.sequence > after &&
        Date.parse(record.time) >= since &&
        (clientId === undefined || record.clientId === clientId) &&
        (route === undefined || record.route.toLowerCase().includes(route.toLowerCase())),
    );
  }
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);
const codes = new Set<unknown>(errorCodes);

const codeOf = (code: unknown): ErrorCode | undefined =>
  codes.has(code) ? (code as ErrorCode) : undefined;

/** The form of the platform's client ids: an unverified assertion may contain any text. */
const clientIdOf = (clientId: unknown): string | undefined =>
  typeof clientId === 'string' && /^(operator|cli_[\w-]{22})$/.test(clientId)
    ? clientId
    : undefined;

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}
