import type { APIGatewayProxyEvent } from 'aws-lambda';
import { answerError } from './answer.ts';
import { MyKeyError } from '../../errors.ts';
import type { Exchange, LambdaHandler, OperationHandler } from './operation-handler.ts';

/**
 * One function that serves several operations, selected by the gateway's resource and method.
 * Requests with other methods on these paths also arrive here, without authorization: HEAD of a
 * public GET is answered, others get 405 with `Allow` (RFC 9110 §15.5.6).
 */
export function functionHandler(
  ...handlers: readonly [OperationHandler, ...OperationHandler[]]
): LambdaHandler {
  const { publicBaseUrl } = handlers[0].settings;
  const byPath = Map.groupBy(handlers, ({ contract }) => contract.path);
  return async (event: APIGatewayProxyEvent, context: unknown) => {
    const onPath = byPath.get(event.resource) ?? [];
    const serving = onPath.find(({ contract }) => contract.method === event.httpMethod);
    if (serving !== undefined) return serving(event, context);
    const readable = onPath.find(isPublicGet);
    if (event.httpMethod === 'HEAD' && readable !== undefined) {
      return { ...(await readable(event, context)), body: '' };
    }
    const exchange = {
      requestId: event.requestContext?.requestId ?? 'none',
      settings: { publicBaseUrl },
    } as Exchange;
    if (onPath.length === 0) {
      return answerError(exchange, new MyKeyError('route-not-found', 'no such route'));
    }
    const allowed = [
      ...onPath.map(({ contract }) => contract.method),
      ...(readable ? ['HEAD'] : []),
    ];
    const Allow = allowed.toSorted().join(', ');
    const refused = answerError(
      exchange,
      new MyKeyError('method-not-allowed', `use one of the methods of this route: ${Allow}`),
    );
    return { ...refused, headers: { ...refused.headers, Allow } };
  };
}

const isPublicGet = ({ contract }: OperationHandler): boolean =>
  contract.method === 'GET' && contract.scope === 'public';
