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
    const exchange = {
      requestId: event.requestContext?.requestId ?? 'none',
      settings: { publicBaseUrl },
    } as Exchange;
    if (isOtherwiseSpelt(event.path ?? '')) return answerError(exchange, otherwiseSpelt());
    const onPath = byPath.get(event.resource) ?? [];
    const serving = onPath.find(({ contract }) => contract.method === event.httpMethod);
    if (serving !== undefined) return serving(event, context);
    const readable = onPath.find(isPublicGet);
    if (event.httpMethod === 'HEAD' && readable !== undefined) {
      return { ...(await readable(event, context)), body: '' };
    }
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

/**
 * An empty or dot segment, or anything percent-encoded, which no route needs: gateways, proxies and caches
 * resolve these differently (RFC 3986 §6.2), so that no path has a second spelling here. One slash at the end
 * is ignored, as API Gateway ignores it.
 */
const isOtherwiseSpelt = (path: string): boolean => /\/\/|\/\.{1,2}(?:\/|$)|[%\\]/.test(path);

const otherwiseSpelt = () =>
  new MyKeyError(
    'route-not-found',
    'write the path as /openapi.json has it: without empty or dot segments, and with nothing percent-encoded',
  );

const isPublicGet = ({ contract }: OperationHandler): boolean =>
  contract.method === 'GET' && contract.scope === 'public';
