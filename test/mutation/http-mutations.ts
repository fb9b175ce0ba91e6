import { guard, type GuardedRoom } from './guarded-room.ts';

const authorizer = 'lambdas/capabilities/authorizer/handler.ts';
const tokens = (name: string): string => `lambdas/capabilities/tokens/${name}.ts`;
const services = (name: string): string => `lambdas/capabilities/services/${name}.ts`;
const http = (name: string): string => `lambdas/platform/http/${name}.ts`;

const accessTokens: GuardedRoom = {
  tests: ['test/capabilities/authorizer', 'test/capabilities/tokens/handler.test.ts'],
  mutations: [
    guard(
      authorizer,
      'client === undefined || client.serviceId !== serviceId',
      'client === undefined',
    ),
    guard(
      authorizer,
      'if (!client.keys.some((key) => keyThumbprint(key) === proved)) {',
      'if (false) {',
    ),
    guard(
      authorizer,
      'isOperator ? operatorService : dependencies.service(serviceId)',
      'operatorService',
    ),
    guard(authorizer, "|| error.code === 'dependency-unavailable'", ''),
    guard(
      tokens('access-token'),
      'if (payload.iat! > now / 1000 + tokenLimits.functionClocksSeconds) {',
      'if (false) {',
    ),
    guard(tokens('claimed-client'), '&& /^[\\w-]{1,64}$/.test(claimed)', ''),
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
    guard(tokens('operation'), ' || request.client_assertion_type !== assertionType', ''),
    guard(tokens('operation'), '&& request.client_id !== proved.client.clientId', '&& false'),
    guard(tokens('operation'), '|| !mayGetTokens(service.status, ports.production)', ''),
    guard(tokens('operation'), 'wanted.length === 0 || ', ''),
    guard(tokens('operation'), '!wanted.every((scope) => client.scopes.includes(scope))', 'false'),
    guard(tokens('client-assertion'), ' || iss !== sub', ''),
    guard(tokens('client-assertion'), 'kid === undefined || key.kid === kid', 'true'),
    guard(tokens('client-assertion'), 'if (!algorithmsOf(key).includes(alg)) {', 'if (false) {'),
    guard(
      tokens('client-assertion'),
      'if (exp! > now + tokenLimits.assertionSeconds + tokenLimits.clockToleranceSeconds) {',
      'if (false) {',
    ),
    guard(
      tokens('client-assertion'),
      'if (iat !== undefined && iat > now + tokenLimits.clockToleranceSeconds) {',
      'if (false) {',
    ),
    guard(tokens('client-assertion'), ' || jti.length < 8 || jti.length > 256', ''),
    guard(
      tokens('client-assertion'),
      'if (!(await used.firstUse(clientId, jti, validUntil, rules.now))) {',
      'if (false) {',
    ),
    guard(tokens('client-assertion'), 'audience: [...audience],', ''),
    guard(
      services('service-rights'),
      "production ? status === 'active' : mayCall(status)",
      'mayCall(status)',
    ),
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

const registration: GuardedRoom = {
  tests: ['test/capabilities/services', 'test/capabilities/certificates'],
  mutations: [
    guard(services('service-rights'), 'if (permitted.includes(method)) return;', 'return;'),
    guard(services('life-cycle'), '&& !steps[service.status].includes(step.status)', '&& false'),
    guard(services('life-cycle'), "type === 'type1' && bound && pledges === undefined", 'false'),
    guard(services('operation'), "if (service.status === 'retired') {", 'if (false) {'),
    guard(
      services('operation'),
      "caller.serviceType === 'operator' || caller.serviceId === serviceId",
      'true',
    ),
    guard(services('operation'), "caller.serviceType === 'operator' ? await", 'true ? await'),
    guard(services('client-jwks'), 'refusePrivateParts(value, at);', ''),
    guard(services('client-jwks'), "['exp', 'nbf']", '[]'),
    guard(services('client-jwks'), '...unreadMembers(value, places)', ''),
    guard(services('client-jwks'), 'if (bits < 2048)', 'if (false)'),
    guard(services('client-jwks'), 'if (keys.length > serviceLimits.keys)', 'if (false)'),
    guard(
      services('client-jwks'),
      'if (new Set(keys.map(({ kid }) => kid)).size !== keys.length)',
      'if (false)',
    ),
    guard(
      services('client-jwks'),
      'if (new Set(keys.map(({ n, x }) => n ?? x)).size !== keys.length) {',
      'if (false) {',
    ),
    guard(services('client-jwks'), 'keys.map(({ n, x }) => n ?? x)', 'keys.map(({ x }) => x)'),
    guard(services('client-jwks'), 'keys.map(({ n, x }) => n ?? x)', 'keys.map(({ n }) => n)'),
    guard(
      services('client-jwks'),
      "if (Buffer.from(value, 'base64url')[0] === 0) refuse(`${at}.${name} has a leading zero octet`);",
      '',
    ),
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
  tests: [
    'test/platform/http/operation-handler.test.ts',
    'test/platform/http/read-request.test.ts',
    'test/platform/http/problems.test.ts',
    'test/capabilities/tokens/handler.test.ts',
    'test/platform/http/scope.test.ts',
  ],
  mutations: [
    guard(http('read-request'), 'if (bytes > contract.maxBodyBytes) {', 'if (false) {'),
    guard(http('read-request'), 'if (fields.has(name)) {', 'if (false) {'),
    guard(http('read-request'), 'keys.filter(looksLikeName).slice(0, 5)', 'keys.slice(0, 5)'),
    guard(http('read-request'), 'if (count < 2) continue;', 'continue;'),
    guard(
      http('read-request'),
      "refuseRepeated('query parameter', event.multiValueQueryStringParameters);",
      '',
    ),
    guard(
      http('read-request'),
      "refuseRepeated('header', event.multiValueHeaders, singleHeaders);",
      '',
    ),
    guard(http('read-request'), 'only === undefined ? given : given.toLowerCase()', 'given'),
    guard(http('read-request'), "only !== undefined || looksLikeName(name) ? name : 'one'", 'name'),
    guard(http('read-request'), "contract.scope !== 'public' && unknown.length > 0", 'false'),
    guard(
      http('read-request'),
      "contract.scope !== 'public' && unknown.length > 0",
      'unknown.length > 0',
    ),
    guard(http('read-request'), 'refuseUnreadBody(exchange);', ''),
    guard(http('read-request'), "contract.scope === 'public' || /^", '/^'),
    guard(http('read-request'), 'if (given !== expected) {', 'if (false) {'),
    guard(
      http('read-request'),
      'if (!charsets.every((charset) => /^(?:utf-?8|us-ascii)$/i.test(charset))) {',
      'if (false) {',
    ),
    guard(
      http('read-request'),
      "refuseOtherEncodings(headerOf(event.headers, 'content-encoding'), text);",
      '',
    ),
    guard(http('read-request'), 'if (isGzip)', 'if (false)'),
    guard(http('read-request'), "if (coding !== '' && coding !== 'identity') {", 'if (false) {'),
    guard(
      http('read-request'),
      String.raw`if (/^\ufffd\ufffd|^.?\0/.test(text)) {`,
      'if (false) {',
    ),
    guard(http('read-request'), String.raw`if (text.startsWith('\ufeff')) {`, 'if (false) {'),
    guard(http('read-request'), "looksLikeName(member) ? member : 'a member'", 'member'),
    guard(
      http('read-request'),
      "const which = looksLikeName(name) ? name : 'one'",
      'const which = name',
    ),
    guard(http('read-request'), "[...fields].filter(([, value]) => value !== '')", '[...fields]'),
    guard(http('read-request'), 'parsed.error.issues.slice(0, 20)', 'parsed.error.issues'),
    guard(http('read-request'), 'String(step).slice(0, 64)', 'String(step)'),
    guard(tokens('contract'), 'grant_type: visible(128)', 'grant_type: z.string().max(128)'),
    guard(
      tokens('contract'),
      'client_assertion_type: visible(128)',
      'client_assertion_type: z.string().max(128)',
    ),
    guard(
      tokens('contract'),
      'client_assertion: visible(8192)',
      'client_assertion: z.string().max(8192)',
    ),
    guard(tokens('contract'), 'client_id: visible(64)', 'client_id: z.string().max(64)'),
    guard(
      tokens('contract'),
      String.raw`.regex(/^[ !#-[\]-~]*$/, { error: 'send scope names separated by blanks' })`,
      '',
    ),
    guard(http('require-scope'), 'if (!mayCall(caller.serviceState)) {', 'if (false) {'),
    guard(http('require-scope'), 'if (!holdsScope(caller.scopes, scope)) {', 'if (false) {'),
    guard(
      http('require-scope'),
      "if (typeof value !== 'string') throw new MyKeyError('token-missing', 'no access token');",
      '',
    ),
    // An SDK's or a parser's sentence may hold the serial that it was given.
    guard(
      http('request-log'),
      '`${at.name}${isCodedError(at)',
      '`${at.name} ${at.message}${isCodedError(at)',
    ),
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
  registration,
  requests,
];
