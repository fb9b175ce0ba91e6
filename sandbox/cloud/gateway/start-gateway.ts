import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { LambdaFunction } from '../lambda/lambda-function.ts';
import { InvocationError } from '../lambda/invocation-error.ts';
import { strangeRequest } from '../../loopback-only.ts';
import type { AnsweredRequest, RequestLog } from '../../requests/request-log.ts';
import { SandboxStartError } from '../sandbox-start-error.ts';
import { BodyTooLarge, readBody } from '../serve-loopback.ts';
import type { ApiDefinition, MethodDefinition } from './api-definition.ts';
import { Authorizers, type MayInvoke } from './authorize.ts';
import { GatewayRefusal, type RenderedResponse, renderRefusal } from './gateway-response.ts';
import { type Call, headerOf, readCall } from './incoming-call.ts';
import { createRouter } from './match-route.ts';
import { Meter } from './meter.ts';
import { proxyEvent } from './proxy-event.ts';
import { headerLimit, unreadableRequest } from './unreadable-request.ts';
import { type ProxyResponse, proxyResponse } from './proxy-response.ts';

export interface Gateway {
  readonly url: string;
  close(): Promise<void>;
}

/** API Gateway's limit of a payload: 10 MB. */
const bodyLimit = 10_000_000;

interface GatewayOptions {
  readonly api: ApiDefinition;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly port: number;
  readonly now: () => number;
  readonly log: (line: string) => void;
  readonly mayInvoke: MayInvoke;
  readonly requests?: RequestLog;
  /** Answers a path instead of its function; undefined if the function answers. */
  readonly instead?: (path: string) => RenderedResponse | undefined;
}

/** Serves one REST API at the root of a loopback port, as a custom domain would. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { api, functions, now } = options;
  const route = createRouter(api);
  const authorizers = new Authorizers(functions, now, options.mayInvoke);
  const meter = new Meter({ now, elapsedMs: () => performance.now() });
  const server = createServer({ maxHeaderSize: headerLimit }, (request, response) => {
    const strange = strangeRequest(request);
    if (strange !== undefined) {
      request.resume();
      response.writeHead(403, { 'content-type': 'text/plain' }).end(`${strange}\n`);
      return;
    }
    const call = readCall(api, request, randomUUID(), now());
    const began = performance.now();
    answer(call, request)
      .catch((cause: unknown) => renderRefusal(call, refusalFor(cause, options)))
      .then((result) => {
        send(request, response, call, result);
        options.requests?.answered(answeredRequest(call, result, performance.now() - began));
      })
      .catch(() => response.destroy());
  });
  server.keepAliveTimeout = 60_000;
  let url = '';
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else socket.end(unreadableRequest(error.code, randomUUID(), url));
  });

  async function answer(
    call: Call,
    request: IncomingMessage,
  ): Promise<RenderedResponse | ProxyResponse> {
    const instead = options.instead?.(call.path);
    if (instead !== undefined) return instead;
    const match = route(call.httpMethod, call.path);
    if (match === undefined)
      throw new GatewayRefusal('MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token');
    call.match = match;
    const { method } = match;
    // The body is read while the authorizer decides; a refused request's body is discarded.
    const reading = readBody(request, bodyLimit);
    reading.catch(() => {});
    if (method.authorizer !== undefined) await authorizers.authorize(call, method.authorizer);
    if (api.apiKeySource === 'HEADER') call.usageKey = headerOf(call, 'x-api-key');
    meter.count(call, method);
    const body = await reading;
    if (method.mock !== undefined) return mockAnswer(method.mock);
    const event = JSON.stringify(proxyEvent(call, body));
    return proxyResponse(call, await invoke(method, event, call));
  }

  function invoke(method: MethodDefinition, event: string, call: Call): Promise<string> {
    const { functionArn = '' } = method;
    const fn = functions.get(functionArn);
    if (fn === undefined || !options.mayInvoke(functionArn, methodSource(call, method)))
      throw new GatewayRefusal('API_CONFIGURATION_ERROR', 'Internal server error');
    return withTimeout(fn.invoke(event, call.requestId), method.integrationTimeoutMs);
  }

  const gateway = await listen(server, options.port);
  url = gateway.url;
  return gateway;
}

/** The fields of the stage's access log, with the error code that the caller received. */
const answeredRequest = (
  call: Call,
  { status, headers, body }: RenderedResponse | ProxyResponse,
  durationMs: number,
): AnsweredRequest => ({
  requestId: call.requestId,
  receivedAt: call.receivedAt,
  httpMethod: call.httpMethod,
  resourcePath: call.match?.method.resourcePath,
  status,
  durationMs,
  clientId: call.authorizer?.['clientId'],
  code:
    status >= 400 && String(headers['content-type']).includes('json')
      ? (JSON.parse(String(body)) as { code?: unknown }).code
      : undefined,
});

/** The method as named in a function's policy: path parameters become `*`. */
const methodSource = ({ api, httpMethod }: Call, { resourcePath }: MethodDefinition): string =>
  `arn:aws:execute-api:${api.region}:${api.account}:${api.id}/${api.stage}/${httpMethod}/` +
  resourcePath.slice(1).replaceAll(/\{[^}]+\}/g, '*');

function withTimeout(result: Promise<string>, milliseconds: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new GatewayRefusal('INTEGRATION_TIMEOUT', 'Endpoint request timed out')),
      milliseconds,
    );
    result.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function refusalFor(cause: unknown, { log }: GatewayOptions): GatewayRefusal {
  if (cause instanceof GatewayRefusal) return cause;
  if (cause instanceof BodyTooLarge)
    return new GatewayRefusal('REQUEST_TOO_LARGE', 'HTTP content length exceeded 10485760 bytes.');
  if (cause instanceof InvocationError && cause.kind === 'request-too-large')
    return new GatewayRefusal('REQUEST_TOO_LARGE', 'Request Too Long');
  log(cause instanceof Error ? `${cause.name}: ${cause.message}\n` : 'unknown failure\n');
  return new GatewayRefusal('DEFAULT_5XX', 'Internal server error');
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  call: Call,
  { status, headers, body: plain }: RenderedResponse | ProxyResponse,
): void {
  const isCompressed = mayCompress(call, headers, plain);
  const body = isCompressed ? gzipSync(plain) : plain;
  response.writeHead(status, {
    ...headers,
    ...(isCompressed && { 'content-encoding': 'gzip' }),
    'x-amzn-requestid': call.requestId,
    'content-length': Buffer.byteLength(body),
    // The remainder of a refused body is not read.
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(call.httpMethod === 'HEAD' ? undefined : body);
}

/**
 * Compresses as API Gateway does: if the client accepts it, from the API's minimum size, unless the
 * function did.
 */
function mayCompress(
  call: Call,
  headers: Readonly<Record<string, unknown>>,
  body: string | Buffer,
): boolean {
  const { minimumCompressionSize: from = Infinity } = call.api;
  return (
    Buffer.byteLength(body) >= from &&
    headers['content-encoding'] === undefined &&
    /\bgzip\b/.test(headerOf(call, 'accept-encoding') ?? '')
  );
}

const mockAnswer = ({ status, headers }: NonNullable<MethodDefinition['mock']>) => ({
  status,
  headers: Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replaceAll(/^'|'$/g, '')]),
  ),
  body: '',
});

async function listen(server: Server, port: number): Promise<Gateway> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new SandboxStartError(`port ${port} is in use: choose another with --port`)
          : cause,
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://localhost:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 1000).unref();
      }),
  };
}
