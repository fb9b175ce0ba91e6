import buildStack from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type * as z from 'zod';
import { answerError, answerSuccess, type ErrorShape } from './answer.ts';
import { authorise } from './authorise.ts';
import { baseUrlOf } from './base-url.ts';
import { forgetRun, keepAnswer, repeatAnswer, type IdempotencyStore } from './idempotency.ts';
import type { OperationContract } from './operation-contract.ts';
import type { Answer, Caller, OperationCall } from './operation-call.ts';
import { limitBody, parseBody, parseParameters } from './read-request.ts';
import { writeLogLine, type LogFields, type LogSink } from './request-log.ts';
import { routeOf, type OperationId, type Route } from './routes.ts';

/** What every handler of a function shares. */
export interface HttpSettings {
  /** `PUBLIC_BASE_URL`; else the request's own domain and stage. */
  readonly publicBaseUrl?: string | undefined;
  readonly idempotency?: IdempotencyStore;
  readonly clock?: () => number;
  readonly log?: LogSink;
  readonly errorShape?: ErrorShape;
}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** The call as this contract types it. */
export type CallOf<C extends OperationContract> = OperationCall<
  Output<C['body']>,
  Output<C['pathParameters']>,
  Output<C['query']>
>;

export type LambdaHandler = (
  event: APIGatewayProxyEvent,
  context: unknown,
) => Promise<APIGatewayProxyResult>;

/** One request on its way through the stack. */
export interface Exchange {
  readonly route: Route;
  readonly contract: OperationContract;
  readonly settings: HttpSettings;
  readonly event: APIGatewayProxyEvent;
  readonly requestId: string;
  readonly now: number;
  readonly startedAt: number;
  readonly fields: LogFields;
  /** Set by `authorise`; never on public routes. */
  caller?: Caller;
  body?: unknown;
  path?: unknown;
  query?: unknown;
  /** Set while an idempotent run is ours to finish. */
  runKey?: string;
}

/**
 * The stack around one operation: size → scope and service state → schema → idempotency → handle,
 * and problem+json for whatever is thrown. The gateway's authorizer has checked the token before.
 */
export function operationHandler<const C extends OperationContract>(
  id: OperationId,
  contract: C,
  handle: (call: CallOf<C>) => Promise<Answer>,
  settings: HttpSettings = {},
): LambdaHandler {
  const route = routeOf(id);
  const stack = buildStack<Exchange, Answer>()
    .before(({ event }) => limitBody(event))
    .before(({ event }) => authorise(event))
    .before(({ event }) => parseParameters(event))
    .before(({ event }) => parseBody(event))
    .before(({ event }) => repeatAnswer(event))
    .after(({ event, response }) => keepAnswer(event, response))
    .onError(({ event }) => forgetRun(event))
    // The call was parsed by this contract's own schemas.
    .handler((exchange) => handle(callFrom(exchange) as CallOf<C>));

  return async (event, context) => {
    const exchange = openExchange(route, contract, settings, event);
    try {
      const answer = await stack(exchange, context as never);
      writeLogLine(exchange, answer.status);
      return answerSuccess(exchange, answer);
    } catch (error) {
      const result = answerError(exchange, error);
      writeLogLine(exchange, result.statusCode, error);
      return result;
    }
  };
}

function openExchange(
  route: Route,
  contract: OperationContract,
  settings: HttpSettings,
  event: APIGatewayProxyEvent,
): Exchange {
  return {
    route,
    contract,
    settings,
    event,
    requestId: event.requestContext?.requestId ?? 'none',
    now: (settings.clock ?? Date.now)(),
    startedAt: performance.now(),
    fields: {},
  };
}

function callFrom(exchange: Exchange): OperationCall {
  const { event, settings, fields, caller, body, path, query, requestId, now } = exchange;
  return {
    body,
    path,
    query,
    get caller(): Caller {
      if (caller === undefined) throw new Error('a public route has no caller');
      return caller;
    },
    requestId,
    baseUrl: baseUrlOf(event, settings.publicBaseUrl),
    now,
    note: (more) => void Object.assign(fields, more),
  };
}
