import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { ErrorCode } from '../../lambdas/errors.ts';
import { problems, problemType } from '../../lambdas/platform/http/problems.ts';

/** What the gateway says by itself, by the code that callers know it as. */
const gatewayCodes: readonly (readonly [ResponseType, ErrorCode])[] = [
  [ResponseType.UNAUTHORIZED, 'token-missing'],
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, 'route-not-found'],
  [ResponseType.RESOURCE_NOT_FOUND, 'route-not-found'],
  [ResponseType.REQUEST_TOO_LARGE, 'request-too-large'],
  [ResponseType.UNSUPPORTED_MEDIA_TYPE, 'media-type-unsupported'],
  [ResponseType.THROTTLED, 'too-many-requests'],
  [ResponseType.WAF_FILTERED, 'request-blocked'],
  [ResponseType.QUOTA_EXCEEDED, 'too-many-requests'],
  [ResponseType.BAD_REQUEST_BODY, 'request-invalid'],
  [ResponseType.BAD_REQUEST_PARAMETERS, 'request-invalid'],
  [ResponseType.DEFAULT_4XX, 'request-invalid'],
  [ResponseType.INTEGRATION_TIMEOUT, 'dependency-unavailable'],
  [ResponseType.INTEGRATION_FAILURE, 'internal-error'],
  // It fails by itself only where the token's key or the service's record cannot be read.
  [ResponseType.AUTHORIZER_FAILURE, 'dependency-unavailable'],
  [ResponseType.AUTHORIZER_CONFIGURATION_ERROR, 'internal-error'],
  [ResponseType.API_CONFIGURATION_ERROR, 'internal-error'],
  [ResponseType.DEFAULT_5XX, 'internal-error'],
];

/**
 * Makes the gateway speak problem+json (RFC 9457), with the codes of the one catalogue.
 * `publicAddress` is where callers reach the API.
 */
export function addProblemResponses(api: RestApi, publicAddress: string): void {
  for (const [type, code] of gatewayCodes) {
    const { status, title } = problems[code];
    addResponse(api, type, status, { type: problemType(code, publicAddress), title, status, code });
  }
  // The authorizer denies with the code in its context; every one of them is a 401.
  const code = '$context.authorizer.code';
  addResponse(api, ResponseType.ACCESS_DENIED, 401, {
    type: problemType(code as ErrorCode, publicAddress),
    title: 'The access token was not accepted',
    status: 401,
    code,
  });
}

function addResponse(api: RestApi, type: ResponseType, status: number, problem: object): void {
  api.addGatewayResponse(type.responseType.replaceAll('_', ''), {
    type,
    statusCode: String(status),
    responseHeaders: {
      'content-type': "'application/problem+json'",
      'x-request-id': 'context.requestId',
      ...(status === 401 && { 'www-authenticate': `'Bearer'` }),
      ...(status === 503 && { 'retry-after': `'5'` }),
    },
    templates: {
      'application/json': JSON.stringify({
        ...problem,
        instance: 'urn:mykey:request:$context.requestId',
      }),
    },
  });
}
