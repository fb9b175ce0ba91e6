import type { GatewayResponseDefinition } from './api-definition.ts';
import { type Call, headerOf } from './incoming-call.ts';

/** API Gateway's response types with their default status. */
const defaultStatus = {
  ACCESS_DENIED: 403,
  API_CONFIGURATION_ERROR: 500,
  AUTHORIZER_CONFIGURATION_ERROR: 500,
  AUTHORIZER_FAILURE: 500,
  BAD_REQUEST_BODY: 400,
  BAD_REQUEST_PARAMETERS: 400,
  INTEGRATION_FAILURE: 504,
  INTEGRATION_TIMEOUT: 504,
  INVALID_API_KEY: 403,
  MISSING_AUTHENTICATION_TOKEN: 403,
  QUOTA_EXCEEDED: 429,
  REQUEST_TOO_LARGE: 413,
  THROTTLED: 429,
  UNAUTHORIZED: 401,
  // The function threw, crashed or returned a malformed response (502).
  DEFAULT_5XX: 502,
} as const;

export type ResponseType = keyof typeof defaultStatus;

/**
 * The gateway responds itself: thrown during processing, rendered by the API's gateway response.
 */
export class GatewayRefusal extends Error {
  override readonly name = 'GatewayRefusal';
  readonly type: ResponseType;

  constructor(type: ResponseType, message: string) {
    super(message);
    this.type = type;
  }
}

export interface RenderedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const messageTemplate = { 'application/json': '{"message":$context.error.messageString}' };

/**
 * The type's own response, otherwise DEFAULT_4XX or DEFAULT_5XX, otherwise API Gateway's
 * `{"message":…}`.
 */
export function renderRefusal(call: Call, refusal: GatewayRefusal): RenderedResponse {
  const { responses } = call.api;
  const fallback = defaultStatus[refusal.type] < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX';
  const response = responses.get(refusal.type) ?? responses.get(fallback);
  const context: Context = { call, refusal };
  const [mediaType, template] = templateOf(response, headerOf(call, 'accept'));
  return {
    status: response?.status ?? defaultStatus[refusal.type],
    headers: {
      'content-type': mediaType,
      'x-amzn-errortype': refusal.type,
      ...Object.fromEntries(
        Object.entries(response?.headers ?? {}).map(([name, value]) => [
          name,
          mapped(value, context),
        ]),
      ),
    },
    body: substituted(template, context),
  };
}

interface Context {
  readonly call: Call;
  readonly refusal: GatewayRefusal;
}

function templateOf(
  response: GatewayResponseDefinition | undefined,
  accept: string | undefined,
): [string, string] {
  const own = Object.entries(response?.templates ?? {});
  const templates = own.length > 0 ? own : Object.entries(messageTemplate);
  const wanted = templates.find(([mediaType]) => accept?.includes(mediaType));
  return wanted ?? templates[0] ?? ['application/json', ''];
}

/** A response header's mapping: `'literal'`, `context.name` or `method.request.header.name`. */
function mapped(expression: string, context: Context): string {
  const [, literal] = /^'(.*)'$/s.exec(expression) ?? [];
  if (literal !== undefined) return literal;
  const [, header] = /^method\.request\.header\.(.+)$/.exec(expression) ?? [];
  if (header !== undefined) return headerOf(context.call, header) ?? '';
  return variable(expression, context);
}

/** Gateway response templates support `$name` and `${name}` of the context only, no other VTL. */
const substituted = (template: string, context: Context): string =>
  template.replaceAll(
    /\$(?:\{(context\.[\w.-]+)\}|(context\.[\w.-]*\w))/g,
    (_, braced?: string, bare?: string) => variable(braced ?? bare ?? '', context),
  );

function variable(name: string, { call, refusal }: Context): string {
  const path = name.replace(/^context\./, '');
  if (path.startsWith('authorizer.')) return call.authorizer?.[path.slice(11)] ?? '';
  const values: Readonly<Record<string, string | undefined>> = {
    requestId: call.requestId,
    extendedRequestId: call.requestId.slice(0, 8),
    httpMethod: call.httpMethod,
    path: call.path,
    resourcePath: call.match?.method.resourcePath,
    stage: call.api.stage,
    apiId: call.api.id,
    accountId: call.api.account,
    domainName: call.domainName,
    requestTimeEpoch: String(call.receivedAt),
    'identity.sourceIp': call.sourceIp,
    'error.message': refusal.message,
    'error.messageString': JSON.stringify(refusal.message),
    'error.responseType': refusal.type,
  };
  return values[path] ?? '';
}
