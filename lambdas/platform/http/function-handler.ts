import type { APIGatewayProxyEvent } from 'aws-lambda';
import { answerError } from './answer.ts';
import { MyKeyError } from '../../errors.ts';
import type { LambdaHandler } from './operation-handler.ts';
import { routeOf, type OperationId } from './routes.ts';

/** One function serving several operations: picked by the gateway's resource and method. */
export function functionHandler(
  handlers: Readonly<Partial<Record<OperationId, LambdaHandler>>>,
): LambdaHandler {
  const byRoute = new Map(
    (Object.entries(handlers) as [OperationId, LambdaHandler][]).map(([id, handler]) => {
      const { method, path } = routeOf(id);
      return [`${method} ${path}`, handler];
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
