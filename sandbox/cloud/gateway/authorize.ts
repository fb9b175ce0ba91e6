import type { LambdaFunction } from '../lambda/lambda-function.ts';
import { InvocationError } from '../lambda/invocation-error.ts';
import type { AuthorizerDefinition } from './api-definition.ts';
import { GatewayRefusal } from './gateway-response.ts';
import { type PolicyDocument, allows } from './iam-policy.ts';
import { type Call, headerOf } from './incoming-call.ts';
import { methodArn, requestContext } from './proxy-event.ts';

interface Decision {
  readonly policy: PolicyDocument;
  readonly context: Readonly<Record<string, string>>;
  readonly usageKey: string | undefined;
}

interface AuthorizerResult {
  readonly principalId?: unknown;
  readonly policyDocument?: PolicyDocument;
  readonly context?: Readonly<Record<string, unknown>> | null;
  readonly usageIdentifierKey?: unknown;
}

/**
 * Whether a function's policy allows this API to invoke it; `source` is the ARN of the method or
 * authorizer.
 */
export type MayInvoke = (functionArn: string, source: string) => boolean;

/** Maximum number of cached decisions; the oldest are evicted. */
const cacheLimit = 10_000;

/**
 * Lambda authorizers with API Gateway's cache: one decision for each value of the identity sources,
 * cached for the TTL; its policy is evaluated for every method.
 */
export class Authorizers {
  readonly #functions: ReadonlyMap<string, LambdaFunction>;
  readonly #now: () => number;
  readonly #mayInvoke: MayInvoke;
  readonly #cache = new Map<string, { until: number; decision: Promise<Decision> }>();

  constructor(
    functions: ReadonlyMap<string, LambdaFunction>,
    now: () => number,
    mayInvoke: MayInvoke,
  ) {
    this.#functions = functions;
    this.#now = now;
    this.#mayInvoke = mayInvoke;
  }

  /**
   * Adds the authorizer's context to the call.
   * @throws GatewayRefusal
   */
  async authorize(call: Call, authorizer: AuthorizerDefinition): Promise<void> {
    const identity = identityOf(call, authorizer);
    const { policy, context, usageKey } = await this.#decision(call, authorizer, identity);
    call.authorizer = context;
    if (usageKey !== undefined) call.usageKey = usageKey;
    if (!allows(policy, methodArn(call)))
      throw new GatewayRefusal(
        'ACCESS_DENIED',
        'User is not authorized to access this resource with an explicit deny',
      );
  }

  #decision(
    call: Call,
    authorizer: AuthorizerDefinition,
    identity: readonly string[],
  ): Promise<Decision> {
    const ttlMs = authorizer.ttlSeconds * 1000;
    if (ttlMs === 0 || identity.length === 0) return this.#ask(call, authorizer, identity);
    const key = JSON.stringify([authorizer.functionArn, ...identity]);
    const kept = this.#cache.get(key);
    const now = this.#now();
    // A clock moved backwards must not extend a cached decision.
    if (kept !== undefined && now < kept.until && kept.until - now <= ttlMs) return kept.decision;
    const decision = this.#ask(call, authorizer, identity);
    this.#cache.delete(key);
    this.#cache.set(key, { until: now + ttlMs, decision });
    decision.catch(() => this.#cache.delete(key));
    if (this.#cache.size > cacheLimit)
      this.#cache.delete(this.#cache.keys().next().value as string);
    return decision;
  }

  async #ask(
    call: Call,
    authorizer: AuthorizerDefinition,
    identity: readonly string[],
  ): Promise<Decision> {
    const fn = this.#functions.get(authorizer.functionArn);
    const { api } = call;
    const source = `arn:aws:execute-api:${api.region}:${api.account}:${api.id}/authorizers/${authorizer.id}`;
    if (fn === undefined || !this.#mayInvoke(authorizer.functionArn, source))
      throw new GatewayRefusal('AUTHORIZER_CONFIGURATION_ERROR', 'Internal server error');
    const event =
      authorizer.type === 'TOKEN'
        ? { type: 'TOKEN', methodArn: methodArn(call), authorizationToken: identity[0] }
        : requestEvent(call);
    try {
      return decisionFrom(JSON.parse(await fn.invoke(JSON.stringify(event))) as AuthorizerResult);
    } catch (cause) {
      if (!(cause instanceof InvocationError)) throw cause;
      if (cause.kind === 'handler' && cause.message === 'Unauthorized')
        throw new GatewayRefusal('UNAUTHORIZED', 'Unauthorized');
      throw new GatewayRefusal('AUTHORIZER_FAILURE', 'Internal server error');
    }
  }
}

/**
 * The values of the identity sources; a request without one is refused before any function runs.
 */
function identityOf(call: Call, authorizer: AuthorizerDefinition): string[] {
  const values = authorizer.identitySources.map((source) => sourceValue(call, source));
  const missing = values.some((value) => value === undefined || value === '');
  const needed = authorizer.type === 'TOKEN' || authorizer.ttlSeconds > 0;
  if (needed && missing) throw new GatewayRefusal('UNAUTHORIZED', 'Unauthorized');
  const [first] = values;
  if (authorizer.validation !== undefined && !authorizer.validation.test(first ?? ''))
    throw new GatewayRefusal('UNAUTHORIZED', 'Unauthorized');
  return values.map((value) => value ?? '');
}

function sourceValue(call: Call, source: string): string | undefined {
  const [, place, name = ''] = /^method\.request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  if (place === 'header') return headerOf(call, name);
  if (place === 'querystring') return call.query?.[name];
  if (source === 'context.identity.sourceIp') return call.sourceIp;
  if (source === 'context.httpMethod') return call.httpMethod;
  if (source === 'context.path') return call.path;
  return undefined;
}

const requestEvent = (call: Call): object => ({
  type: 'REQUEST',
  methodArn: methodArn(call),
  resource: call.match?.method.resourcePath,
  path: call.path,
  httpMethod: call.httpMethod,
  headers: call.headers,
  multiValueHeaders: call.multiValueHeaders,
  queryStringParameters: call.query ?? {},
  multiValueQueryStringParameters: call.multiValueQuery ?? {},
  pathParameters: call.match?.pathParameters ?? {},
  stageVariables: {},
  requestContext: requestContext(call),
});

/** A context holds strings, numbers and booleans; functions behind the gateway see strings. */
function decisionFrom(result: AuthorizerResult): Decision {
  const { principalId, policyDocument, context, usageIdentifierKey } = result;
  const values = Object.entries(context ?? {});
  const plain = values.every(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  if (typeof principalId !== 'string' || policyDocument?.Statement === undefined || !plain)
    throw new GatewayRefusal('AUTHORIZER_CONFIGURATION_ERROR', 'Internal server error');
  const strings = values.map(([name, value]) => [name, String(value)] as const);
  return {
    policy: policyDocument,
    context: { principalId, ...Object.fromEntries(strings) },
    usageKey: typeof usageIdentifierKey === 'string' ? usageIdentifierKey : undefined,
  };
}
