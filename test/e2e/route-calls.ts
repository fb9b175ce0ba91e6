import { randomUUID } from 'node:crypto';
import type { OperationId } from '../../lambdas/platform/http/routes.ts';
import type { CardView } from '../../sandbox/jlis/control-client.ts';
import {
  newClientKey,
  signedChallenge,
  takeToken,
  type Answer,
  type PlatformUnderTest,
} from './platform-under-test.ts';

/** What calls need: tokens of both sides, a card, a service. */
export interface CallWorld {
  readonly platform: PlatformUnderTest;
  readonly operatorToken: string;
  readonly clientToken: string;
  readonly card: CardView;
  readonly serviceId: string;
  readonly jwk: object;
}

export async function prepareCalls(platform: PlatformUnderTest): Promise<CallWorld> {
  const [operatorToken, clientToken, card, { jwk }] = await Promise.all([
    takeToken(platform, platform.operator),
    takeToken(platform, platform.client),
    platform.jlis('cards', {}),
    newClientKey(),
  ]);
  const world = { platform, operatorToken, clientToken, card, jwk, serviceId: '' };
  const { body } = await goodCalls['create-service'].make(world);
  return { ...world, serviceId: String(body['serviceId']) };
}

/** A request that the route takes, and what it answers then. */
export interface GoodCall {
  readonly status: number;
  /** Whose token; none for a public route. */
  readonly caller?: 'operator' | 'client';
  /** The path with its parameters filled in. */
  readonly path?: (world: CallWorld) => string;
  /** The body of a good request, where it can be known beforehand. */
  readonly json?: (world: CallWorld) => Record<string, unknown>;
  readonly make: (world: CallWorld) => Promise<Answer>;
}

const operatorCall = (
  method: string,
  status: number,
  path: (world: CallWorld) => string,
  json?: (world: CallWorld) => Record<string, unknown>,
): GoodCall => ({
  status,
  caller: 'operator',
  path,
  ...(json && { json }),
  make: (world) =>
    world.platform.call(method, path(world), {
      token: world.operatorToken,
      ...(json && { json: json(world) }),
    }),
});

const clientCall = (
  method: string,
  status: number,
  path: string,
  json?: (world: CallWorld) => Record<string, unknown>,
): GoodCall => ({
  status,
  caller: 'client',
  path: () => path,
  ...(json && { json }),
  make: (world) =>
    world.platform.call(method, path, {
      token: world.clientToken,
      ...(json && { json: json(world) }),
    }),
});

const publicCall = (path: string): GoodCall => ({
  status: 200,
  path: () => path,
  make: ({ platform }) => platform.call('GET', path),
});

const jobs = '/v1/revocations/jobs';
const aJob = { format: 'csv', bytes: 9, issuer: 'user-authentication-2023' };

/** A job whose file is uploaded, ready to start. */
async function uploadedJob(world: CallWorld): Promise<string> {
  const { body } = await goodCalls['create-job'].make(world);
  const upload = body['upload'] as { url: string; headers?: Record<string, string> };
  await fetch(upload.url, {
    method: 'PUT',
    body: '08000001\n',
    ...(upload.headers && { headers: upload.headers }),
  });
  return String(body['jobId']);
}

const onJob = (
  method: string,
  status: number,
  suffix: string,
  prepare: (world: CallWorld) => Promise<string>,
): GoodCall => ({
  status,
  caller: 'client',
  path: () => `${jobs}/job_0${suffix}`,
  make: async (world) => {
    const jobId = await prepare(world);
    return world.platform.call(method, `${jobs}/${jobId}${suffix}`, { token: world.clientToken });
  },
});

const newJob = async (world: CallWorld): Promise<string> =>
  String((await goodCalls['create-job'].make(world)).body['jobId']);

/** One good call for every route of the catalogue. */
export const goodCalls: Readonly<Record<OperationId, GoodCall>> = {
  'get-token': {
    status: 200,
    path: () => '/oauth2/token',
    make: async ({ platform }) => {
      await takeToken(platform, platform.client);
      return { status: 200, type: '', text: '', body: {} };
    },
  },
  'get-token-keys': publicCall('/.well-known/jwks.json'),
  'get-server-metadata': publicCall('/.well-known/oauth-authorization-server'),
  'create-service': operatorCall(
    'POST',
    201,
    () => '/v1/services',
    ({ jwk }) => ({
      organisation: { name: 'Bad Input City' },
      name: randomUUID(),
      type: 'type2',
      status: 'active',
      jwks: { keys: [jwk] },
    }),
  ),
  'get-service': operatorCall('GET', 200, ({ serviceId }) => `/v1/services/${serviceId}`),
  'change-service-status': operatorCall(
    'PUT',
    200,
    ({ serviceId }) => `/v1/services/${serviceId}/status`,
    () => ({ status: 'active' }),
  ),
  'get-service-jwks': operatorCall('GET', 200, ({ serviceId }) => `/v1/services/${serviceId}/jwks`),
  'replace-service-jwks': operatorCall(
    'PUT',
    200,
    ({ serviceId }) => `/v1/services/${serviceId}/jwks`,
    ({ jwk }) => ({ keys: [jwk] }),
  ),
  'create-challenge': clientCall('POST', 201, '/v1/challenges', () => ({})),
  authenticate: {
    status: 201,
    caller: 'client',
    path: () => '/v1/authentications',
    json: ({ card }) => ({
      challengeId: 'chl_0',
      certificate: card['user-authentication'].certificate,
      signature: 'AAAA',
      method: 'auto',
    }),
    make: async (world) => {
      const { platform, clientToken: token } = world;
      const json = await signedChallenge(platform, token, world.card);
      return platform.call('POST', '/v1/authentications', { token, json });
    },
  },
  'validate-certificate': clientCall('POST', 200, '/v1/certificates/validate', ({ card }) => ({
    certificate: card['user-authentication'].certificate,
    method: 'auto',
  })),
  'check-attributes': {
    status: 200,
    caller: 'client',
    path: () => '/v1/attribute-status',
    json: () => ({ ppid: 'a'.repeat(32) }),
    make: async (world) => {
      const { ppid } = (await goodCalls.authenticate.make(world)).body;
      const { platform, clientToken: token } = world;
      return platform.call('POST', '/v1/attribute-status', { token, json: { ppid } });
    },
  },
  'check-revocations': clientCall('POST', 200, '/v1/revocations/check', () => ({
    issuer: 'user-authentication-2023',
    serials: ['08000001'],
  })),
  'list-revocation-sources': clientCall('GET', 200, '/v1/revocations/sources'),
  'create-job': clientCall('POST', 201, jobs, () => aJob),
  'get-job': onJob('GET', 200, '', newJob),
  'start-job': onJob('POST', 202, '/start', uploadedJob),
  'cancel-job': onJob('DELETE', 200, '', newJob),
  'get-status': publicCall('/v1/status'),
  'get-openapi': publicCall('/openapi.json'),
  'get-docs': publicCall('/docs'),
};
