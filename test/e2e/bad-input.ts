import { generateKeyPairSync, sign } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type * as oauth from 'oauth4webapi';
import { kmsTokenKey } from '../../lambdas/adapters/kms/token-key.ts';
import type { ErrorCode } from '../../lambdas/core/errors.ts';
import { routes, type Route } from '../../lambdas/http/routes.ts';
import { startJlis } from '../../sandbox/jlis/start-jlis.ts';
import { control } from '../../sandbox/jlis/control-client.ts';
import {
  signedChallenge,
  takeToken,
  type Answer,
  type CallOptions,
  type PlatformUnderTest,
} from './platform-under-test.ts';
import { goodCalls, prepareCalls, type CallWorld, type GoodCall } from './route-calls.ts';

const zeros = Buffer.alloc(1024 * 1024);
const everyRoute = (routes as readonly Route[]).map(
  (route) => [`${route.method} ${route.path}`, route, goodCalls[route.id as never]] as const,
) as readonly (readonly [string, Route, GoodCall])[];
const withBody = everyRoute.filter(
  ([, route]) => route.maxBodyBytes > 0 && route.mediaType === undefined,
);
const withMembers = withBody.filter(([, , good]) => good.json !== undefined);
const bodyNeeded = withMembers.filter(([, route]) => route.id !== 'create-challenge');
const protectedRoutes = everyRoute.filter(([, route]) => route.scope !== 'public');

/** Every kind of bad input on every route: the right 4xx and code, nothing internal, and the next request works. */
export function badInput(get: () => PlatformUnderTest): void {
  let world: CallWorld;
  beforeAll(async () => {
    world = await prepareCalls(get());
  });

  const send = (route: Route, good: GoodCall, options: CallOptions): Promise<Answer> => {
    const token = good.caller === 'operator' ? world.operatorToken : world.clientToken;
    return world.platform.call(route.method, good.path!(world), {
      ...(good.caller && { token }),
      ...options,
    });
  };
  const expectNextWorks = async (good: GoodCall): Promise<void> => {
    expect((await good.make(world)).status).toBe(good.status);
  };

  describe('a body that does not fit', () => {
    it.each(bodyNeeded)('none at all: %s', async (_name, route, good) => {
      expectRefusal(await send(route, good, {}), 400, 'request-invalid');
      await expectNextWorks(good);
    });

    it.each(withBody)('not JSON: %s', async (_name, route, good) => {
      expectRefusal(await send(route, good, { raw: '{"a":' }), 400, 'request-invalid');
      await expectNextWorks(good);
    });

    it.each(withBody)('a list where an object belongs: %s', async (_name, route, good) => {
      expectRefusal(await send(route, good, { json: [1] }), 400, 'request-invalid');
      await expectNextWorks(good);
    });

    it.each(withMembers)('each member of a wrong type: %s', async (_name, route, good) => {
      const json = good.json!(world);
      for (const member of Object.keys(json)) {
        const spoilt = { ...json, [member]: { not: ['this'] } };
        expectRefusal(await send(route, good, { json: spoilt }), 400, 'request-invalid');
      }
      await expectNextWorks(good);
    });

    it.each(withBody)('an unknown member: %s', async (_name, route, good) => {
      if (route.id === 'replace-service-jwks') return expectNextWorks(good);
      const json = { ...good.json?.(world), __proto__x: 1 };
      expectRefusal(await send(route, good, { json }), 400, 'request-invalid');
      return expectNextWorks(good);
    });

    it.each(withBody)('another media type: %s', async (_name, route, good) => {
      const answer = await send(route, good, { raw: '<a/>', contentType: 'text/xml' });
      expectRefusal(answer, 415, 'media-type-unsupported');
      await expectNextWorks(good);
    });

    it.each(everyRoute)('1 MB of zeros: %s', async (_name, route, good) => {
      const roomy = route.maxBodyBytes > zeros.length;
      const contentType = route.mediaType ?? 'application/json';
      const answer = await send(route, good, { raw: zeros, contentType });
      expectRefusal(
        answer,
        ...(roomy ? bad('request-invalid', 400) : bad('request-too-large', 413)),
      );
      await expectNextWorks(good);
    });
  });

  describe('a token that does not do', () => {
    const refuse = async (
      route: Route,
      good: GoodCall,
      token: string | undefined,
      status: number,
      code: ErrorCode,
    ): Promise<void> => {
      const json = good.json?.(world);
      const answer = await send(route, good, { token, ...(json && { json }) });
      expectRefusal(answer, status, code);
    };

    it.each(protectedRoutes)('none: %s', async (_name, route, good) => {
      await refuse(route, good, undefined, 401, 'token-missing');
      await expectNextWorks(good);
    });

    it.each(protectedRoutes)('not a token: %s', async (_name, route, good) => {
      await refuse(route, good, 'nonsense', 401, 'token-invalid');
      await expectNextWorks(good);
    });

    it.each(protectedRoutes)('signed by a stranger: %s', async (_name, route, good) => {
      await refuse(route, good, strangersToken(world.clientToken), 401, 'token-invalid');
      await expectNextWorks(good);
    });

    it.each(protectedRoutes)('for another audience: %s', async (_name, route, good) => {
      const token = await tokenFor(world.platform, 'https://elsewhere.invalid', world.clientToken);
      await refuse(route, good, token, 401, 'token-audience-wrong');
      await expectNextWorks(good);
    });

    it.each(protectedRoutes)('without the scope: %s', async (_name, route, good) => {
      const other = good.caller === 'operator' ? world.clientToken : world.operatorToken;
      const shared = ['certificates:validate', 'revocations:read', 'jobs:write'];
      const token = shared.includes(route.scope)
        ? await takeToken(world.platform, world.platform.client, { scope: 'challenges:write' })
        : other;
      await refuse(route, good, token, 403, 'scope-insufficient');
      await expectNextWorks(good);
    });

    describe('once it has expired', () => {
      let old: string;
      beforeAll(async () => {
        // Never used before, so that no decision about it is cached.
        old = await takeToken(world.platform, world.platform.client);
        await world.platform.jlis('clock', { by: 'PT11M' });
        world = await prepareCalls(world.platform);
      });

      it.each(protectedRoutes)('%s', async (_name, route, good) => {
        await refuse(route, good, old, 401, 'token-expired');
        await expectNextWorks(good);
      });
    });
  });

  describe('the token endpoint', () => {
    const refused = async (attempt: Promise<string>): Promise<Record<string, unknown>> => {
      const error = await attempt.then(
        () => undefined,
        (cause: oauth.ResponseBodyError) => cause,
      );
      return { status: error?.status, ...(error?.cause as object) };
    };

    it('refuses a scope that does not exist, and one of the operator’s', async () => {
      const { platform } = world;
      for (const scope of ['everything', 'services:write', 'challenges:write everything']) {
        expect(await refused(takeToken(platform, platform.client, { scope }))).toMatchObject({
          status: 400,
          error: 'invalid_scope',
          code: 'scope-unknown',
        });
      }
      await expectNextWorks(goodCalls['get-token']);
    });

    it.each([
      ['for another audience', { aud: 'https://elsewhere.invalid' }],
      ['that has expired', { exp: 1_000_000_000 }],
      ['that would live for an hour', { exp: 4_000_000_000 }],
      ['of another client', { sub: 'operator' }],
      ['without an identifier', { jti: undefined }],
    ])('refuses an assertion %s', async (_which, claims) => {
      const { platform } = world;
      const spoil = (_header: object, payload: Record<string, unknown>): void => {
        Object.assign(payload, claims);
      };
      expect(await refused(takeToken(platform, platform.client, { spoil }))).toMatchObject({
        code: 'client-authentication-failed',
        error: 'invalid_client',
      });
      await expectNextWorks(goodCalls['get-token']);
    });

    it.each([
      ['no body', undefined, 'request-invalid', 400],
      ['another grant', 'grant_type=password', 'request-invalid', 400],
      ['a repeated parameter', 'grant_type=a&grant_type=b', 'request-invalid', 400],
    ] as const)('refuses %s', async (_which, raw, code, status) => {
      const answer = await world.platform.call('POST', '/oauth2/token', {
        contentType: 'application/x-www-form-urlencoded',
        ...(raw !== undefined && { raw }),
      });
      expectRefusal(answer, status, code);
      await expectNextWorks(goodCalls['get-token']);
    });
  });

  describe('a card that does not do', () => {
    const present = async (spoil: (json: SignedChallenge) => Promise<object> | object) => {
      const { platform, clientToken: token, card } = world;
      const json = await spoil(await signedChallenge(platform, token, card));
      return platform.call('POST', '/v1/authentications', { token, json });
    };
    const validate = (certificate: string): Promise<Answer> =>
      world.platform.call('POST', '/v1/certificates/validate', {
        token: world.clientToken,
        json: { certificate },
      });
    const works = () => expectNextWorks(goodCalls.authenticate);

    it.each([1, 100, 700])('a certificate cut off after %i bytes', async (length) => {
      const cut = Buffer.from(world.card['user-authentication'].certificate, 'base64')
        .subarray(0, length)
        .toString('base64');
      const answer = await present((json) => ({ ...json, certificate: cut }));
      expectRefusal(answer, 400, 'certificate-malformed');
      expect((await validate(cut)).body).toMatchObject({
        verdict: 'invalid',
        code: 'certificate-malformed',
      });
      await works();
    });

    it('a certificate of another hierarchy of the same name', async () => {
      const elsewhere = await startJlis({ port: 0 });
      const foreign = await control(elsewhere.url, 'cards', {});
      await elsewhere.close();
      const { certificate } = foreign['user-authentication'];
      const answer = await present((json) => ({ ...json, certificate }));
      expectRefusal(answer, 422, 'certificate-issuer-untrusted', 'certificate-signature-invalid');
      expect((await validate(certificate)).body['verdict']).toBe('invalid');
      await works();
    });

    it('the signature certificate', async () => {
      const { certificate } = world.card['digital-signature']!;
      const answer = await present((json) => ({ ...json, certificate }));
      expectRefusal(answer, 422, 'certificate-kind-wrong');
      await works();
    });

    it('a signature over something else', async () => {
      const answer = await present((json) => ({
        ...json,
        signature: Buffer.from(json.signature, 'base64').reverse().toString('base64'),
      }));
      expectRefusal(answer, 422, 'challenge-signature-invalid');
      await works();
    });

    it('an expired certificate', async () => {
      const { platform, clientToken: token } = world;
      const card = await platform.jlis('cards', { issuedAt: '2020-01-06T00:00:00Z' });
      const json = await signedChallenge(platform, token, card);
      const answer = await platform.call('POST', '/v1/authentications', { token, json });
      expectRefusal(answer, 422, 'certificate-expired');
      await works();
    });

    it('a challenge that was presented before', async () => {
      const { platform, clientToken: token, card } = world;
      const json = await signedChallenge(platform, token, card);
      const first = await platform.call('POST', '/v1/authentications', { token, json });
      expect(first.status).toBe(201);
      const second = await platform.call('POST', '/v1/authentications', { token, json });
      expectRefusal(second, 409, 'challenge-used');
      await works();
    });

    it('a challenge that nobody made', async () => {
      const answer = await present((json) => ({ ...json, challengeId: 'chl_nobody' }));
      expectRefusal(answer, 404, 'challenge-not-found');
      await works();
    });

    it('a challenge that has expired', async () => {
      const answer = await present(async (json) => {
        await world.platform.jlis('clock', { by: 'PT5M1S' });
        return json;
      });
      expectRefusal(answer, 410, 'challenge-expired');
      world = await prepareCalls(world.platform);
      await works();
    });
  });

  describe('a path that is not there', () => {
    it.each(['/', '/v1', '/v1/nothing', '/v1/services/a/b', '/.env', '/v1/challenges/'])(
      '%s',
      async (path) => {
        const answer = await world.platform.call('GET', path, { token: world.clientToken });
        expectRefusal(answer, 404, 'route-not-found');
        await expectNextWorks(goodCalls['get-status']);
      },
    );

    it('somebody else’s service and job', async () => {
      const { platform, operatorToken, clientToken } = world;
      const service = await platform.call('GET', '/v1/services/svc_0', { token: operatorToken });
      expectRefusal(service, 404, 'service-not-found');
      const created = await goodCalls['create-job'].make(world);
      const path = `/v1/revocations/jobs/${String(created.body['jobId'])}`;
      const job = await platform.call('GET', path, { token: operatorToken });
      expectRefusal(job, 404, 'job-not-found');
      expect((await platform.call('GET', path, { token: clientToken })).status).toBe(200);
    });
  });

  afterAll(async () => {
    await world?.platform.jlis('clock', { reset: true });
  });
}

type SignedChallenge = Awaited<ReturnType<typeof signedChallenge>>;

const bad = (code: ErrorCode, status: number): [number, ErrorCode] => [status, code];

/** RFC 9457 (RFC 6749 §5.2 at the token endpoint), one of the codes, and nothing of the inside. */
function expectRefusal(answer: Answer, status: number, ...codes: readonly ErrorCode[]): void {
  expect(answer).toMatchObject({ status, body: { code: expect.any(String) } });
  expect(codes).toContain(answer.body['code']);
  expect(answer.type).toMatch(/^application\/(problem\+)?json/);
  expect(answer.text).not.toMatch(/\n\s+at |node_modules|\.(ts|mjs|js):\d+|\/var\/task/);
  expect(answer.text.length).toBeLessThan(4096);
}

/** The claims of a good token under a signature of somebody else's key. */
function strangersToken(good: string): string {
  const signed = good.split('.').slice(0, 2).join('.');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signature = sign('sha256', Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${signature.toString('base64url')}`;
}

/** A token that the platform's own key signs, for an audience of our choice. */
async function tokenFor(
  { sandbox }: PlatformUnderTest,
  audience: string,
  good: string,
): Promise<string> {
  const client = new KMSClient({
    endpoint: sandbox.cloud.endpoints['AWS_ENDPOINT_URL_KMS']!,
    region: 'ap-northeast-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const oauthFunction = [...sandbox.cloud.functions.values()].find(
    ({ settings }) => settings.environment['TOKEN_KEY_ID'] !== undefined,
  )!;
  const key = kmsTokenKey(client, oauthFunction.settings.environment['TOKEN_KEY_ID']!);
  const [header = '', payload = ''] = good.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  const changed = Buffer.from(JSON.stringify({ ...claims, aud: audience })).toString('base64url');
  const signature = await key.sign(Buffer.from(`${header}.${changed}`));
  client.destroy();
  return `${header}.${changed}.${Buffer.from(signature).toString('base64url')}`;
}
