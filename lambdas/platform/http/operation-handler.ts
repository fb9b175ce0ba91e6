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

/** What every handler of a function shares. */
export interface HttpSettings {
  /** Where the platform answers, by its deployment; never what the request says. */
  readonly publicBaseUrl: string;
  readonly idempotency?: IdempotencyStore;
  /** How long an answer is repeated under its Idempotency-Key; a day when absent. */
  readonly answerKeptMs?: number;
  /** Throws where an answer that was given must not be given again. */
  readonly beforeRepeat?: (call: OperationCall) => Promise<void>;
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

/** A handler that knows which route it serves, and by which settings. */
export type OperationHandler = LambdaHandler & {
  readonly contract: OperationContract;
  readonly settings: HttpSettings;
};

/** One request on its way through the stack. */
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
  /** Of `OperationCall`. */
  requestToken: string;
  /** Set while an idempotent run is ours to finish. */
  run?: RunningRequest;
  /** The call as it stands. */
  readonly call: () => OperationCall;
}

/**
 * The stack around one operation: size → scope and service state → schema → idempotency → handle,
 * and problem+json for whatever is thrown. The gateway's authorizer has checked the token before.
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
    // The call was parsed by this contract's own schemas.
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
