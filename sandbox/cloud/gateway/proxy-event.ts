import { type Call, headerOf } from './incoming-call.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The Lambda proxy event of a REST API (format 1.0). `body` is undefined if there is none. */
export function proxyEvent(call: Call, body: Buffer): object {
  const binary = body.length > 0 && isBinary(call, headerOf(call, 'content-type'));
  return {
    resource: call.match?.method.resourcePath,
    path: call.path,
    httpMethod: call.httpMethod,
    headers: call.headers,
    multiValueHeaders: call.multiValueHeaders,
    queryStringParameters: call.query,
    multiValueQueryStringParameters: call.multiValueQuery,
    pathParameters: call.match?.pathParameters ?? null,
    stageVariables: null,
    requestContext: requestContext(call),
    body: body.length === 0 ? null : body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: binary,
  };
}

export function requestContext(call: Call): object {
  const { api, match } = call;
  return {
    resourceId: match?.method.resourceId,
    ...(call.authorizer === undefined ? {} : { authorizer: call.authorizer }),
    resourcePath: match?.method.resourcePath,
    httpMethod: call.httpMethod,
    extendedRequestId: call.requestId.slice(0, 8),
    requestTime: commonLogTime(call.receivedAt),
    path: call.path,
    accountId: api.account,
    protocol: 'HTTP/1.1',
    stage: api.stage,
    domainPrefix: call.domainName.split('.', 1)[0],
    requestTimeEpoch: call.receivedAt,
    requestId: call.requestId,
    identity: {
      cognitoIdentityPoolId: null,
      accountId: null,
      cognitoIdentityId: null,
      caller: null,
      sourceIp: call.sourceIp,
      principalOrgId: null,
      accessKey: null,
      cognitoAuthenticationType: null,
      cognitoAuthenticationProvider: null,
      userArn: null,
      userAgent: headerOf(call, 'user-agent') ?? null,
      user: null,
    },
    domainName: call.domainName,
    deploymentId: 'sandbox',
    apiId: api.id,
  };
}

/** `arn:aws:execute-api:region:account:api/stage/METHOD/path` */
export const methodArn = ({ api, httpMethod, path }: Call): string =>
  `arn:aws:execute-api:${api.region}:${api.account}:${api.id}/${api.stage}/${httpMethod}/${path.replace(/^\//, '')}`;

/** The API's binary media types determine which bodies are base64-encoded. */
export function isBinary({ api }: Call, mediaType: string | undefined): boolean {
  if (api.binaryMediaTypes.length === 0) return false;
  const [type = ''] = (mediaType ?? '').split(';', 1);
  const [major] = type.split('/', 1);
  return api.binaryMediaTypes.some(
    (binary) => binary === '*/*' || binary === type.trim() || binary === `${major}/*`,
  );
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `09/Apr/2015:12:34:56 +0000` */
function commonLogTime(epochMs: number): string {
  const time = new Date(epochMs);
  const day = `${two(time.getUTCDate())}/${months[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':');
  return `${day}:${clock} +0000`;
}
