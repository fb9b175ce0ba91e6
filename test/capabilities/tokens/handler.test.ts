import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT, type JWTPayload } from 'jose';
import * as oauth from 'oauth4webapi';
import { parseClientJwks } from '../../../lambdas/capabilities/services/client-jwks.ts';
import type { ServiceStatus } from '../../../lambdas/capabilities/services/service.ts';
import { tokensHandler } from '../../../lambdas/capabilities/tokens/handler.ts';
import { MyKeyError } from '../../../lambdas/errors.ts';
import { authorizerHandler } from '../../../lambdas/capabilities/authorizer/handler.ts';
import { scopes } from '../../../lib/operations.ts';
import { memoryAssertionStore } from '../../fakes/memory-stores.ts';
import { memoryTokenKey } from '../../fakes/token-key.ts';
import { baseUrl, eventFor, now } from '../gateway-event.ts';
import { expectAsPublished } from '../openapi-contract.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [clientKey] = parseClientJwks({ keys: [pair.publicKey.export({ format: 'jwk' })] });
const [strangerKey] = parseClientJwks({ keys: [stranger.publicKey.export({ format: 'jwk' })] });
const seconds = Math.floor(now / 1000);

function platform({ status = 'active', production = false, clock = () => now } = {}) {
  const tokenKey = memoryTokenKey();
  /** What the operator may change while tokens are out. */
  const registered = {
    client: true,
    service: true,
    serviceId: 'svc_a',
    keys: [clientKey!],
    status: status as ServiceStatus,
    isAway: false,
    usageKey: undefined as number | undefined,
    perDay: undefined as number | undefined,
  };
  const findClient = async (id: string) => {
    // What a table refuses as a key: 2,048 bytes are its limit.
    if (id.length > 2000) throw new Error('key too long');
    if (registered.isAway) throw new MyKeyError('dependency-unavailable', 'the table is away');
    return id === 'cli_a' && registered.client
      ? {
          clientId: 'cli_a',
          serviceId: registered.serviceId,
          keys: registered.keys,
          scopes: ['challenges:write', 'authentications:write'],
          ...(registered.usageKey !== undefined && { usageKey: registered.usageKey }),
        }
      : undefined;
  };
  const lines: Readonly<Record<string, unknown>>[] = [];
  const find = async (id: string) =>
    id === 'svc_a' && registered.service
      ? ({
          serviceId: 'svc_a',
          status: registered.status,
          type: 'type2',
          sectorId: 'sec_a',
          ...(registered.perDay && { checkedIdentifiersPerDay: registered.perDay }),
        } as never)
      : undefined;
  const settings = {
    publicBaseUrl: baseUrl,
    clock,
    log: (line: Readonly<Record<string, unknown>>) => void lines.push(line),
  };
  return {
    registered,
    lines,
    tokenKey,
    oauth: tokensHandler(
      {
        client: findClient,
        service: find,
        operatorClientId: 'operator',
        production,
        assertions: memoryAssertionStore(),
        tokenKey,
        scopes,
      },
      settings,
    ),
    authorizer: authorizerHandler({
      tokenKey,
      service: find,
      client: findClient,
      operatorClientId: 'operator',
      stage: 'dev',
      ...settings,
    }),
  };
}

let jti = 0;
const assertion = (claims: JWTPayload = {}, key: KeyObject = pair.privateKey, header = {}) =>
  new SignJWT({
    iss: 'cli_a',
    sub: 'cli_a',
    aud: baseUrl,
    jti: `assertion-${++jti}`,
    iat: seconds,
    exp: seconds + 60,
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', kid: clientKey!.kid, ...header })
    .sign(key);

const form = (assertion: string, more: Record<string, string> = {}) =>
  new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    ...more,
  }).toString();

async function ask(rawBody: string, on = platform()) {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const result = await on.oauth(eventFor('get-token', { rawBody, headers }), {});
  expectAsPublished('get-token', result);
  return { status: result.statusCode, body: JSON.parse(result.body) as Record<string, string> };
}

const tokenOf = async (on: ReturnType<typeof platform>): Promise<string> =>
  (await ask(form(await assertion()), on)).body['access_token']!;

describe('POST /oauth2/token', () => {
  it('gives a client an RFC 9068 token for ten minutes', async () => {
    const { status, body } = await ask(form(await assertion()));
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    expect(decodeProtectedHeader(body['access_token']!)).toMatchObject({
      alg: 'ES256',
      typ: 'at+jwt',
    });
    expect(decodeJwt(body['access_token']!)).toMatchObject({
      iss: baseUrl,
      aud: baseUrl,
      sub: 'cli_a',
      client_id: 'cli_a',
      scope: 'challenges:write authentications:write',
      exp: seconds + 600,
    });
  });

  it.each([
    ['a lone surrogate', '%ED%A0%80'],
    ['octets that are no UTF-8', '%ff'],
    ['a direction character', '%E2%80%AE'],
    ['a zero-width blank', '%E2%80%8B'],
    ['a decomposed character', 'e%CC%81'],
    ['a control character', '%00'],
    ['a line end', '%0a'],
    ['a full-width letter', '%EF%BD%81'],
  ])('refuses %s in each parameter by its name', async (_, coded) => {
    for (const name of [
      'grant_type',
      'client_assertion_type',
      'client_assertion',
      'client_id',
      'scope',
    ]) {
      const given = new URLSearchParams(
        form(await assertion(), { client_id: 'cli_a', scope: 'a' }),
      );
      const before = given.get(name)!;
      given.delete(name);
      const { status, body } = await ask(`${given.toString()}&${name}=${before}${coded}`);
      expect([status, body['error'], body['code']]).toEqual([
        400,
        'invalid_request',
        'request-invalid',
      ]);
      expect(body['error_description']).toContain(name);
    }
  });

  it.each(['scope=a&scope=a', 'scope=&scope=a', 'unknown=1&unknown=2', 'sc%6Fpe=a&scope='])(
    'refuses parameters that are repeated: %s',
    async (repeated) => {
      const { status, body } = await ask(`${form(await assertion())}&${repeated}`);
      expect([status, body['error']]).toEqual([400, 'invalid_request']);
      expect(body['error_description']).toMatch(/send each form parameter once: \w+ is repeated/);
    },
  );

  it('narrows the scope to what was asked for', async () => {
    const { body } = await ask(form(await assertion(), { scope: 'challenges:write' }));
    expect(body['scope']).toBe('challenges:write');
  });

  it.each([
    ['the token endpoint as audience', { aud: `${baseUrl}/oauth2/token` }],
    ['a list of audiences with ours in it', { aud: ['https://elsewhere.example', baseUrl] }],
    ['a clock 20 seconds behind', { exp: seconds - 20 }],
  ])('accepts %s', async (_, claims) => {
    expect((await ask(form(await assertion(claims)))).status).toBe(200);
  });

  it.each([
    ['another audience', { aud: 'https://elsewhere.example' }, 'aud must be'],
    ['no expiry', { exp: undefined }, 'exp'],
    ['an expired assertion', { exp: seconds - 60 }, 'expired'],
    ['an expiry an hour ahead', { exp: seconds + 3600 }, '300 seconds'],
    ['no jti', { jti: undefined }, 'jti'],
    ['a jti that could be guessed', { jti: 'a'.repeat(7) }, 'jti'],
    ['a jti that no table keeps', { jti: 'a'.repeat(257) }, 'jti'],
    ['another subject', { sub: 'cli_b' }, 'iss and sub'],
    ['an unknown client', { iss: 'cli_b', sub: 'cli_b' }, 'no registered key'],
    ['a start in the future', { nbf: seconds + 3600 }, 'nbf'],
    [
      'a client id longer than any',
      { iss: 'x'.repeat(2100), sub: 'x'.repeat(2100) },
      'no registered key',
    ],
  ])('refuses %s and says so', async (_, claims, words) => {
    const { status, body } = await ask(form(await assertion(claims as JWTPayload)));
    expect([status, body['error'], body['code']]).toEqual([
      401,
      'invalid_client',
      'client-authentication-failed',
    ]);
    expect(body['error_description']).toContain(words);
  });

  it('refuses an unregistered key with the message for an unknown client', async () => {
    const wrongKey = await ask(form(await assertion({}, stranger.privateKey)));
    const unknown = await ask(form(await assertion({ iss: 'cli_b', sub: 'cli_b' })));
    expect(wrongKey).toEqual(unknown);
    const odd = { crit: ['odd'], odd: true };
    const unread = await new SignJWT({ iss: 'cli_a', sub: 'cli_a' })
      .setProtectedHeader({ alg: 'ES256', ...odd })
      .sign(stranger.privateKey, { crit: { odd: true } });
    expect(await ask(form(unread))).toEqual(unknown);
  });

  it('refuses the right key under the kid of another', async () => {
    const { body } = await ask(form(await assertion({}, pair.privateKey, { kid: 'another' })));
    expect(body['error_description']).toContain('no registered key');
  });

  it.each([
    ['another type of assertion', { client_assertion_type: 'urn:example:saml2-bearer' }, 401],
    ['the client id of another', { client_id: 'cli_b' }, 401],
    ['its own client id', { client_id: 'cli_a' }, 200],
    ['a scope of blanks', { scope: '  ' }, 400],
  ])('beside a good assertion answers %s', async (_, more, expected) => {
    expect((await ask(form(await assertion(), more))).status).toBe(expected);
  });

  it('refuses alg none and an alg that the key is not registered for', async () => {
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await assertion()).split('.')[1]}.`;
    expect((await ask(form(none))).body['error']).toBe('invalid_client');
    const hs = await new SignJWT({ iss: 'cli_a', sub: 'cli_a' })
      .setProtectedHeader({ alg: 'HS256', kid: clientKey!.kid })
      .sign(new Uint8Array(32));
    expect((await ask(form(hs))).body['error_description']).toContain('alg');
  });

  it('names the request in every error, and logs whom the assertion names', async () => {
    const on = platform();
    const { body } = await ask(form(await assertion({}, stranger.privateKey)), on);
    expect(body['instance']).toBe('urn:mykey:request:r-1');
    expect(on.lines.at(-1)).toMatchObject({ requestId: 'r-1', claimedClientId: 'cli_a' });
    const evil = await assertion({ iss: 'a\nb c', sub: 'a\nb c' });
    await ask(form(evil), on);
    expect(on.lines.at(-1)).not.toMatchObject({ claimedClientId: expect.anything() });
  });

  it.each([
    ['neither iss nor sub', { iss: undefined, sub: undefined }],
    ['a jti that is a number', { jti: 123_456_789 }],
  ])('refuses an assertion with %s', async (_, claims) => {
    const { status, body } = await ask(form(await assertion(claims as unknown as JWTPayload)));
    expect([status, body['error']]).toEqual([401, 'invalid_client']);
  });

  it('gives no token to a client whose service is gone', async () => {
    const on = platform();
    on.registered.service = false;
    const { status, body } = await ask(form(await assertion()), on);
    expect([status, body['code']]).toEqual([400, 'service-not-active']);
  });

  it('accepts an assertion once', async () => {
    const on = platform();
    const same = form(await assertion());
    expect((await ask(same, on)).status).toBe(200);
    const { status, body } = await ask(same, on);
    expect([status, body['error_description']]).toEqual([401, expect.stringContaining('jti')]);
  });

  it('remembers an assertion for as long as it is accepted, to the last fraction of a second', async () => {
    let time = now;
    const on = platform({ clock: () => time });
    const same = form(await assertion({ exp: seconds + 60.5 }));
    expect((await ask(same, on)).status).toBe(200);
    for (const later of [60, 90.2, 90.6, 90.9, 91]) {
      time = (seconds + later) * 1000;
      expect([later, (await ask(same, on)).status]).toEqual([later, 401]);
    }
  });

  it.each([
    ['no body at all', '', 400, 'invalid_request'],
    ['another grant', 'grant_type=password', 400, 'unsupported_grant_type'],
    ['no assertion', 'grant_type=client_credentials', 401, 'invalid_client'],
    ['a parameter twice', 'grant_type=a&grant_type=b', 400, 'invalid_request'],
  ])('answers %s by RFC 6749 §5.2', async (_, body, status, error) => {
    const answer = await ask(body);
    expect([answer.status, answer.body['error']]).toEqual([status, error]);
  });

  it('refuses a scope that the client does not have', async () => {
    const { status, body } = await ask(form(await assertion(), { scope: 'services:write' }));
    expect([status, body['error'], body['code']]).toEqual([400, 'invalid_scope', 'scope-unknown']);
  });

  it.each([
    ['suspended', false, 400],
    ['retired', false, 400],
    ['applied', false, 400],
    ['testing', false, 200],
    ['testing', true, 400],
    ['active', true, 200],
  ])(
    'serves a service in the state %s (production: %s) with %i',
    async (status, production, expected) => {
      const answer = await ask(form(await assertion()), platform({ status, production }));
      expect(answer.status).toBe(expected);
    },
  );
});

describe('an independent OAuth client (oauth4webapi)', () => {
  it('discovers the server, gets a token and finds it signed by a published key', async () => {
    const on = platform({ clock: Date.now });
    const fetchFrom = async (url: string, init: { method: string; body?: unknown }) => {
      const path = url.slice(baseUrl.length);
      const id =
        path === '/oauth2/token'
          ? 'get-token'
          : path.endsWith('jwks.json')
            ? 'get-token-keys'
            : 'get-server-metadata';
      const rawBody = init.body instanceof URLSearchParams ? init.body.toString() : undefined;
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const event = eventFor(id, { headers, ...(rawBody === undefined ? {} : { rawBody }) });
      const { statusCode, headers: answered, body } = await on.oauth(event, {});
      expectAsPublished(id, { statusCode, headers: answered!, body });
      return new Response(body, {
        status: statusCode,
        headers: answered as Record<string, string>,
      });
    };
    const options = { [oauth.customFetch]: fetchFrom as never };
    const issuer = new URL(baseUrl);
    // RFC 8414 §3.1 puts the well-known part before the path; a stage in the path has it behind.
    const metadata = await fetchFrom(`${baseUrl}/.well-known/oauth-authorization-server`, {
      method: 'GET',
    });
    const server = await oauth.processDiscoveryResponse(issuer, metadata);
    const privateKey = await crypto.subtle.importKey(
      'jwk',
      pair.privateKey.export({ format: 'jwk' }),
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    );
    const response = await oauth.clientCredentialsGrantRequest(
      server,
      { client_id: 'cli_a' },
      oauth.PrivateKeyJwt({ key: privateKey, kid: clientKey!.kid }),
      { scope: 'challenges:write' },
      options,
    );
    const token = await oauth.processClientCredentialsResponse(
      server,
      { client_id: 'cli_a' },
      response,
    );
    const request = new Request(`${baseUrl}/v1/challenges`, {
      headers: { authorization: `Bearer ${token.access_token}` },
    });
    const claims = await oauth.validateJwtAccessToken(server, request, baseUrl, options);
    expect(claims).toMatchObject({ client_id: 'cli_a', scope: 'challenges:write' });
  });
});

/** A token that the platform's own key signed, with other fields than those it issues. */
async function signedWith(on: ReturnType<typeof platform>, change: object, head: object = {}) {
  const token = await tokenOf(on);
  const octets = [
    { ...decodeProtectedHeader(token), ...head },
    { ...decodeJwt(token), ...change },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const signature = await on.tokenKey.sign(Buffer.from(octets.join('.'), 'ascii'));
  return `${octets.join('.')}.${Buffer.from(signature).toString('base64url')}`;
}

describe('the authorizer', () => {
  const methodArn = 'arn:aws:execute-api:ap-northeast-1:000000000000:abc/v/POST/v1/challenges';
  const present = (on: ReturnType<typeof platform>, Authorization: string) =>
    on.authorizer({ methodArn, headers: { Authorization } });

  it('allows the whole stage and returns the caller', async () => {
    const on = platform();
    const { policyDocument, context } = await present(on, `Bearer ${await tokenOf(on)}`);
    expect(policyDocument.Statement).toMatchObject([
      { Effect: 'Allow', Resource: 'arn:aws:execute-api:ap-northeast-1:000000000000:abc/v/*' },
    ]);
    expect(context).toEqual({
      clientId: 'cli_a',
      clientKey: expect.stringMatching(/^[\w-]{43}$/),
      serviceId: 'svc_a',
      serviceState: 'active',
      serviceType: 'type2',
      sectorId: 'sec_a',
      scopes: 'challenges:write authentications:write',
    });
  });

  it('returns the serials that the operator lets the service check in a day', async () => {
    const on = platform();
    on.registered.perDay = 5_000_000;
    expect((await present(on, `Bearer ${await tokenOf(on)}`)).context).toMatchObject({
      checkedIdentifiersPerDay: 5_000_000,
    });
  });

  it.each([
    ['the key that its registration drew', 7, 'mykeyplatformdevclient0000007'],
    ['that of all clients from before there were such keys', undefined, 'mykeyplatformdevearlier'],
  ])('has the gateway count a client on %s', async (_, usageKey, value) => {
    const on = platform();
    on.registered.usageKey = usageKey;
    const { usageIdentifierKey } = await present(on, `Bearer ${await tokenOf(on)}`);
    expect(usageIdentifierKey).toBe(value);
  });

  it.each([
    ['nothing', '', 'token-missing'],
    ['another scheme', 'Basic YTpi', 'token-invalid'],
    ['no JWT', 'Bearer abc', 'token-invalid'],
  ])('denies %s', async (_, header, code) => {
    const { policyDocument, context } = await present(platform(), header);
    expect(policyDocument.Statement).toMatchObject([{ Effect: 'Deny' }]);
    expect(context).toEqual({ code });
  });

  it('denies a token of another platform, and a changed one', async () => {
    const [on, other] = [platform(), platform()];
    const foreign = await present(on, `Bearer ${await tokenOf(other)}`);
    expect(foreign.context).toEqual({ code: 'token-invalid' });
    const [head, payload, signature] = (await tokenOf(on)).split('.');
    const claims = { ...decodeJwt(`${head}.${payload}.${signature}`), scope: 'services:write' };
    const changed = Buffer.from(JSON.stringify(claims)).toString('base64url');
    expect((await present(on, `Bearer ${head}.${changed}.${signature}`)).context).toEqual({
      code: 'token-invalid',
    });
  });

  it('allows a token that the test signed with the fields that the platform issues', async () => {
    const on = platform();
    const { context } = await present(on, `Bearer ${await signedWith(on, {})}`);
    expect(context).toMatchObject({ clientId: 'cli_a' });
  });

  it.each<[string, object, object, string]>([
    ['of another type (RFC 9068 §4)', {}, { typ: 'JWT' }, 'token-invalid'],
    ['that names another key', {}, { kid: 'another' }, 'token-invalid'],
    ['for another audience', { aud: 'https://b.example' }, {}, 'token-audience-wrong'],
    ['of another issuer', { iss: 'https://b.example' }, {}, 'token-invalid'],
    ['without exp', { exp: undefined }, {}, 'token-invalid'],
    ['without iat', { iat: undefined }, {}, 'token-invalid'],
    ['without jti', { jti: undefined }, {}, 'token-invalid'],
    ['without sub', { sub: undefined }, {}, 'token-invalid'],
    ['without client_id', { client_id: undefined }, {}, 'token-invalid'],
    ['without service_id', { service_id: undefined }, {}, 'token-invalid'],
    ['without client_key', { client_key: undefined }, {}, 'token-invalid'],
    ['without scope', { scope: undefined }, {}, 'token-invalid'],
  ])('denies a token of its own key %s', async (_, change, head, code) => {
    const on = platform();
    const { context } = await present(on, `Bearer ${await signedWith(on, change, head)}`);
    expect(context).toEqual({ code });
  });

  it('takes more than one blank after Bearer, as RFC 6750 writes it', async () => {
    const on = platform();
    const { policyDocument } = await present(on, `Bearer   ${await tokenOf(on)}`);
    expect(policyDocument.Statement).toMatchObject([{ Effect: 'Allow' }]);
  });

  it.each<[string, (registered: ReturnType<typeof platform>['registered']) => void]>([
    ['the client', (registered) => (registered.client = false)],
    ['the service', (registered) => (registered.service = false)],
    ['the key', (registered) => (registered.keys = [strangerKey!])],
    ['the client from its service', (registered) => (registered.serviceId = 'svc_b')],
  ])('denies a token when %s is withdrawn', async (_, withdraw) => {
    const on = platform();
    const token = await tokenOf(on);
    withdraw(on.registered);
    expect((await present(on, `Bearer ${token}`)).context).toEqual({ code: 'token-invalid' });
  });

  it('returns an error instead of Deny when it cannot decide, because the gateway caches a Deny for a minute', async () => {
    const on = platform();
    const token = await tokenOf(on);
    on.registered.isAway = true;
    await expect(present(on, `Bearer ${token}`)).rejects.toMatchObject({
      code: 'dependency-unavailable',
    });
  });

  it('accepts a token while its key stays in the set', async () => {
    const on = platform();
    const token = await tokenOf(on);
    on.registered.keys = [strangerKey!, { ...clientKey!, kid: 'renamed' }];
    expect((await present(on, `Bearer ${token}`)).context).toMatchObject({ clientId: 'cli_a' });
  });

  it('returns the current state of the service', async () => {
    const on = platform();
    const token = await tokenOf(on);
    on.registered.status = 'suspended';
    expect((await present(on, `Bearer ${token}`)).context).toMatchObject({
      serviceState: 'suspended',
    });
  });

  it('denies a token from the future, which would outlive its ten minutes', async () => {
    let time = now + 31_000;
    const on = platform({ clock: () => time });
    const token = await tokenOf(on);
    time = now;
    expect((await present(on, `Bearer ${token}`)).context).toEqual({ code: 'token-invalid' });
    time = now + 1_000;
    expect((await present(on, `Bearer ${token}`)).context).toMatchObject({ clientId: 'cli_a' });
  });

  it('logs a refusal with the request and whom the token names', async () => {
    let time = now;
    const on = platform({ clock: () => time });
    const token = await tokenOf(on);
    time += 601_000;
    const requestContext = { requestId: 'r-7' };
    await on.authorizer({
      methodArn,
      requestContext,
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(on.lines.at(-1)).toEqual({
      level: 'info',
      operation: 'authorize',
      requestId: 'r-7',
      claimedClientId: 'cli_a',
      code: 'token-expired',
    });
  });

  it('denies a token after its ten minutes', async () => {
    let time = now;
    const on = platform({ clock: () => time });
    const token = await tokenOf(on);
    time += 601_000;
    expect((await present(on, `Bearer ${token}`)).context).toEqual({ code: 'token-expired' });
  });
});
