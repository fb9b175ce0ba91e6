import { STATUS_CODES } from 'node:http';
import { MyKeyError } from '../../../lambdas/errors.ts';
import { problemDocument } from '../../../lambdas/platform/http/problems.ts';

/** API Gateway's limit: request line and headers of 10,240 bytes in total. */
export const headerLimit = 10_240;

/**
 * The whole response, as text, to a request that Node's HTTP parser refuses: 431 where request line and
 * headers are too large (RFC 6585 §5), otherwise 400.
 * @param parserCode `code` of the error of Node's `clientError` event
 */
export function unreadableRequest(
  parserCode: string | undefined,
  requestId: string,
  baseUrl: string,
): string {
  if (parserCode === 'ERR_HTTP_REQUEST_TIMEOUT') return responseText(408, requestId);
  const error =
    parserCode === 'HPE_HEADER_OVERFLOW'
      ? new MyKeyError(
          'headers-too-large',
          `send fewer or shorter headers, and a shorter address: request line and headers may have ${headerLimit} bytes`,
        )
      : new MyKeyError('request-invalid', 'send a well-formed HTTP/1.1 request (RFC 9112)');
  const problem = problemDocument(error, requestId, baseUrl);
  return responseText(problem.status, requestId, JSON.stringify(problem));
}

const responseText = (status: number, requestId: string, body = ''): string =>
  [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...(body === '' ? [] : ['Content-Type: application/problem+json']),
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
