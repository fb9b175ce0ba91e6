import type { APIGatewayProxyEvent } from 'aws-lambda';
import { answerError } from './answer.ts';
import { MyKeyError } from '../../errors.ts';
import type { LambdaHandler, OperationHandler } from './operation-handler.ts';

/** One function serving several operations: picked by the gateway's resource and method. */
export function functionHandler(...handlers: readonly OperationHandler[]): LambdaHandler {
  const byRoute = new Map<string, OperationHandler>(
    handlers.map((handler) => {
      const { method, path } = handler.contract;
      return [`${method} ${path}`, handler] as const;
    }),
  );
  return async (event: APIGatewayProxyEvent, context: unknown) => {
    const handler = byRoute.get(`${event.httpMethod} ${event.resource}`);
    if (handler !== undefined) return handler(event, context);
    return answerError(
      { requestId: event.requestContext?.requestId ?? 'none', settings: {} } as never,
      new MyKeyError('route-not-found', 'no such route'),
    );
  };
}
