import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { ErrorCode, QuotaName } from '../../lambdas/errors.ts';
import { problems, problemType } from '../../lambdas/platform/http/problems.ts';

/** Members of a gateway response besides its code. */
interface More {
  readonly detail?: string;
  readonly quota?: QuotaName;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** Responses that the gateway itself returns, by error code. */
const gatewayCodes: readonly (readonly [ResponseType, ErrorCode, More?])[] = [
  [ResponseType.UNAUTHORIZED, 'token-missing'],
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, 'route-not-found'],
  [ResponseType.RESOURCE_NOT_FOUND, 'route-not-found'],
  [ResponseType.REQUEST_TOO_LARGE, 'request-too-large'],
  [ResponseType.UNSUPPORTED_MEDIA_TYPE, 'media-type-unsupported'],
  // The token bucket refills every second.
  [
    ResponseType.THROTTLED,
    'too-many-requests',
    {
      detail: 'slow down, and repeat with growing pauses',
      quota: 'requests-per-second',
      retryAfter: 1,
    },
  ],
  [ResponseType.WAF_FILTERED, 'request-blocked'],
  // A template cannot compute the time until midnight; one request an hour is acceptable.
  [
    ResponseType.QUOTA_EXCEEDED,
    'quota-exceeded',
    {
      detail: 'wait for midnight UTC, or ask the operator for a larger quota',
      quota: 'client-requests-per-day',
      retryAfter: 3600,
    },
  ],
  // The authorizer returned an API key that the deployment does not have.
  [ResponseType.INVALID_API_KEY, 'internal-error'],
  [ResponseType.BAD_REQUEST_BODY, 'request-invalid'],
  [ResponseType.BAD_REQUEST_PARAMETERS, 'request-invalid'],
  [ResponseType.DEFAULT_4XX, 'request-invalid'],
  [ResponseType.INTEGRATION_TIMEOUT, 'dependency-unavailable'],
  [ResponseType.INTEGRATION_FAILURE, 'internal-error'],
  // The authorizer itself fails only if the token's key or the service's record cannot be read.
  [ResponseType.AUTHORIZER_FAILURE, 'dependency-unavailable'],
  [ResponseType.AUTHORIZER_CONFIGURATION_ERROR, 'internal-error'],
  [ResponseType.API_CONFIGURATION_ERROR, 'internal-error'],
  [ResponseType.DEFAULT_5XX, 'internal-error'],
];

/**
 * Makes gateway responses problem documents (RFC 9457) with codes of the catalogue. `publicAddress`
 * is the API's public base URL.
 */
export function addProblemResponses(api: RestApi, publicAddress: string): void {
  for (const [type, code, { retryAfter, ...more } = {}] of gatewayCodes) {
    const { status, title } = problems[code];
    const problem = { type: problemType(code, publicAddress), title, status, ...more, code };
    addResponse(api, type, problem, retryAfter ?? (status === 503 ? 5 : undefined));
  }
  // The authorizer denies with the code in its context; all of these are 401.
  const code = '$context.authorizer.code';
  addResponse(api, ResponseType.ACCESS_DENIED, {
    type: problemType(code as ErrorCode, publicAddress),
    title: 'The access token was not accepted',
    status: 401,
    code,
  });
}

function addResponse(
  api: RestApi,
  type: ResponseType,
  problem: { readonly status: number; readonly code: string } & Readonly<Record<string, unknown>>,
  retryAfter?: number,
): void {
  const { status } = problem;
  api.addGatewayResponse(type.responseType.replaceAll('_', ''), {
    type,
    statusCode: String(status),
    responseHeaders: {
      'content-type': "'application/problem+json'",
      'x-request-id': 'context.requestId',
      ...(status === 401 && { 'www-authenticate': `'Bearer'` }),
      ...(retryAfter !== undefined && { 'retry-after': `'${retryAfter}'` }),
    },
    templates: {
      'application/json': JSON.stringify({
        ...problem,
        instance: 'urn:mykey:request:$context.requestId',
      }),
    },
  });
}
