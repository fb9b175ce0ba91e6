import { guard, type GuardedRoom } from './guarded-room.ts';

const authorizer = 'lambdas/capabilities/authorizer/handler.ts';
const tokens = (name: string): string => `lambdas/capabilities/tokens/${name}.ts`;
const services = (name: string): string => `lambdas/capabilities/services/${name}.ts`;
const http = (name: string): string => `lambdas/platform/http/${name}.ts`;

const accessTokens: GuardedRoom = {
  tests: ['test/capabilities/authorizer', 'test/capabilities/tokens/handler.test.ts'],
  mutations: [
    guard(authorizer, "if (header === undefined || header === '')", 'if (header === undefined)'),
    guard(authorizer, 'if (service === undefined) throw', 'if (false) throw'),
    guard(authorizer, "policy('Deny', methodArn)", "policy('Allow', methodArn)"),
    guard(authorizer, 'clientKey: proved', "clientKey: ''"),
    guard(authorizer, "isOperator ? 'operator' : (client.usageKey ?? 'earlier')", "'operator'"),
    guard(tokens('access-token'), "typ: 'at+jwt', audience", 'audience'),
    guard(tokens('access-token'), 'audience: issuer, issuer,', 'issuer,'),
    guard(tokens('access-token'), 'audience: issuer, issuer,', 'audience: issuer,'),
    guard(tokens('access-token'), "requiredClaims: ['exp', 'iat', 'jti', 'sub'],", ''),
    guard(tokens('access-token'), 'currentDate: new Date(now),', ''),
    guard(tokens('access-token'), "typeof clientId !== 'string' ||", ''),
    guard(tokens('access-token'), '.kid === kid) return publicKey;', ') return publicKey;'),
  ],
};

const clientAuthentication: GuardedRoom = {
  tests: [
    'test/capabilities/tokens/client-assertion.test.ts',
    'test/capabilities/tokens/handler.test.ts',
  ],
  mutations: [
    guard(
      tokens('operation'),
      "if (request.grant_type !== 'client_credentials') {",
      'if (false) {',
    ),
    guard(
      tokens('operation'),
      'if (client.clientId === ports.operatorClientId) return;',
      'return;',
    ),
    guard(tokens('operation'), 'service === undefined || !mayGetTokens', '!mayGetTokens'),
    guard(tokens('client-assertion'), "typeof iss !== 'string' || ", ''),
    guard(tokens('client-assertion'), 'if (supported === undefined) refuse(', 'if (false) refuse('),
    guard(
      tokens('client-assertion'),
      'clientId.length > tokenLimits.clientIdCharacters ? undefined : await findClient(clientId)',
      'await findClient(clientId)',
    ),
    guard(
      tokens('client-assertion'),
      'if (client === undefined || key === undefined) refuse(notVerified);',
      'if (client === undefined) refuse(notVerified);',
    ),
    guard(
      tokens('client-assertion'),
      'if (await isSignedBy(assertion, await importJWK({ ...key, alg }), alg)) return key;',
      'return key;',
    ),
    guard(tokens('client-assertion'), "requiredClaims: ['exp', 'jti'],", ''),
    guard(tokens('client-assertion'), 'clockTolerance: tokenLimits.clockToleranceSeconds,', ''),
    guard(tokens('client-assertion'), 'currentDate: new Date(now),', ''),
    guard(tokens('client-assertion'), 'jti.length < 8 || jti.length > 256', 'jti.length < 8'),
    guard(tokens('client-assertion'), "typeof jti !== 'string' || ", ''),
    guard(
      tokens('client-assertion'),
      '(Math.ceil(exp!) + tokenLimits.clockToleranceSeconds)',
      'Math.ceil(exp!)',
    ),
  ],
};

const permissions: GuardedRoom = {
  tests: ['test/capabilities/services', 'test/capabilities/certificates'],
  mutations: [
    guard(
      services('service-rights'),
      "if (method === 'ocsp' || crlHolders(form) === 'anybody') return;",
      'return;',
    ),
    guard(
      services('service-rights'),
      'if (!grants.every((grant) => names.includes(grant))) {',
      'if (false) {',
    ),
    guard(
      services('service-rights'),
      'grantedTo.includes(form) || grants.includes(name)',
      'grantedTo.includes(form)',
    ),
    guard(
      services('service-rights'),
      "form === 'library' || form === 'type1' ? 'user-authentication' : asked",
      'asked',
    ),
  ],
};

const requests: GuardedRoom = {
  tests: ['test/platform/http/operation-handler.test.ts', 'test/platform/http/scope.test.ts'],
  mutations: [
    guard(http('require-scope'), "if (scope === 'public') return;", 'if (scope) return;'),
    guard(http('scope'), 'formerly !== undefined && held.includes(formerly)', 'false'),
    guard(http('scope'), 'held.includes(name) || ', ''),
    guard(http('operation-handler'), '.before(({ event }) => requireScope(event))', ''),
    guard(http('operation-handler'), '.before(({ event }) => limitBody(event))', ''),
    guard(http('operation-handler'), '.before(({ event }) => parseBody(event))', ''),
    guard(
      http('operation-handler'),
      "if (caller === undefined) throw new Error('a public route has no caller');",
      '',
    ),
    guard(
      http('operation-handler'),
      "contract.scope === 'public' ? bearerTokenOf(event.headers) : undefined",
      'bearerTokenOf(event.headers)',
    ),
  ],
};

export const httpRooms: readonly GuardedRoom[] = [
  accessTokens,
  clientAuthentication,
  permissions,
  requests,
];
