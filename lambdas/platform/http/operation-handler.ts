import buildStack from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { randomBytes } from 'node:crypto';
import type * as z from 'zod';
import { answerError, answerSuccess, type ErrorShape } from './answer.ts';
import { requireScope } from './require-scope.ts';
import {
  endRun,
  keepAnswer,
  repeatAnswer,
  type IdempotencyStore,
  type RunningRequest,
} from './idempotency.ts';
import type { OperationContract } from './operation-contract.ts';
import type { Answer, Caller, OperationCall } from './operation-call.ts';
import { limitBody, parseBody, parseParameters } from './read-request.ts';
import { writeLogLine, type LogFields, type LogSink } from './request-log.ts';

/** Settings shared by all handlers of a function. */
export interface HttpSettings {
  /** The deployment's base URL; never taken from the request. */
  readonly publicBaseUrl: string;
  readonly idempotency?: IdempotencyStore;
  /** How long an answer is replayed for its Idempotency-Key; a day by default. */
  readonly answerKeptMs?: number;
  /** Throws if the stored answer must not be replayed. */
  readonly beforeRepeat?: (call: OperationCall) => Promise<void>;
  readonly clock?: () => number;
  readonly log?: LogSink;
  readonly errorShape?: ErrorShape;
}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** A call typed by its contract. */
export type CallOf<C extends OperationContract> = OperationCall<
  Output<C['body']>,
  Output<C['pathParameters']>,
  Output<C['query']>
>;

export type LambdaHandler = (
  event: APIGatewayProxyEvent,
  context: unknown,
) => Promise<APIGatewayProxyResult>;

/** A handler with its contract and settings. */
export type OperationHandler = LambdaHandler & {
  readonly contract: OperationContract;
  readonly settings: HttpSettings;
};

/** The state of one request in the middleware stack. */
export interface Exchange {
  readonly contract: OperationContract;
  readonly settings: HttpSettings;
  readonly event: APIGatewayProxyEvent;
  readonly requestId: string;
  readonly now: number;
  readonly startedAt: number;
  readonly fields: LogFields;
  /** Set by `requireScope`; never on public routes. */
  caller?: Caller;
  body?: unknown;
  path?: unknown;
  query?: unknown;
  /** See `OperationCall`. */
  requestToken: string;
  /** Set while an idempotent run must be completed. */
  run?: RunningRequest;
  /** The call as parsed so far. */
  readonly call: () => OperationCall;
}

/**
 * The middleware stack around one operation: size → scope and service state → schema → idempotency
 * → handler; every error becomes problem+json. The gateway's authorizer has already verified the
 * token.
 */
export function operationHandler<const C extends OperationContract>(
  contract: C,
  handle: (call: CallOf<C>) => Promise<Answer>,
  settings: HttpSettings,
): OperationHandler {
  const stack = buildStack<Exchange, Answer>()
    .before(({ event }) => limitBody(event))
    .before(({ event }) => requireScope(event))
    .before(({ event }) => parseParameters(event))
    .before(({ event }) => parseBody(event))
    .before(({ event }) => repeatAnswer(event))
    .after(({ event, response }) => keepAnswer(event, response))
    .onError(({ event, error }) => endRun(event, error))
    // The call was parsed with this contract's own schemas.
    .handler((exchange) => handle(exchange.call() as CallOf<C>));

  const answer: LambdaHandler = async (event, context) => {
    const exchange = openExchange(contract, settings, event);
    try {
      const result = await stack(exchange, context as never);
      writeLogLine(exchange, result.status);
      return answerSuccess(exchange, result);
    } catch (error) {
      const result = answerError(exchange, error);
      writeLogLine(exchange, result.statusCode, error);
      return result;
    }
  };
  return Object.assign(answer, { contract, settings });
}

function openExchange(
  contract: OperationContract,
  settings: HttpSettings,
  event: APIGatewayProxyEvent,
): Exchange {
  const exchange: Exchange = {
    contract,
    settings,
    event,
    requestId: event.requestContext?.requestId ?? 'none',
    now: (settings.clock ?? Date.now)(),
    startedAt: performance.now(),
    fields: {},
    requestToken: randomBytes(32).toString('hex'),
    call: () => callFrom(exchange),
  };
  return exchange;
}

function callFrom(exchange: Exchange): OperationCall {
  const { contract, event, settings, fields, caller, body, path, query } = exchange;
  const { requestId, requestToken, now } = exchange;
  return {
    body,
    path,
    query,
    get caller(): Caller {
      if (caller === undefined) throw new Error('a public route has no caller');
      return caller;
    },
    bearerToken: contract.scope === 'public' ? bearerTokenOf(event.headers) : undefined,
    requestId,
    requestToken,
    baseUrl: settings.publicBaseUrl,
    now,
    note: (more) => void Object.assign(fields, more),
  };
}

/** RFC 6750 §2.1. */
function bearerTokenOf(headers: APIGatewayProxyEvent['headers'] | null): string | undefined {
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (name.toLowerCase() !== 'authorization') continue;
    return /^Bearer +([\w.~+/=-]+)$/i.exec(value ?? '')?.[1];
  }
  return undefined;
}
