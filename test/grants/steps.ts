import { randomUUID } from 'node:crypto';
import { operations } from '../../lib/operations.ts';
import { sampleServiceName, type PreparedCalls } from '../e2e/good-call.ts';
import { newClientKey, provedJwks, signedChallenge } from '../e2e/platform-under-test.ts';
import { goodCallOf, prepareCalls } from '../e2e/route-calls.ts';
import { proposalOf } from '../capabilities/persons/good-calls.ts';
import { jobs, tokenOfNewService } from './job-steps.ts';
import { lists } from './list-steps.ts';
import { persons } from './person-steps.ts';
import { expectStatus, issuer, untilLogged, type Step } from './step.ts';

const jobsPath = '/v1/revocations/jobs';

/**
 * Every route with its good call, each by a caller with tokens of its own; its function writes a line
 * about it.
 */
const routes: readonly Step[] = operations.map(({ id, capability }) => ({
  name: id,
  async run(platform) {
    const call = goodCallOf(id);
    const prepared = {
      ...(await prepareCalls(platform)),
      ...(capability === 'jobs' && { clientToken: await tokenOfNewService(platform) }),
    };
    const since = platform.sandbox.cloud.logCount;
    expectStatus(call.status, await call.make(prepared));
    await untilLogged(platform, functionNameOf(capability), since);
  },
}));

/** `attribute-status` → `AttributeStatus`, as the template and the log name its function. */
const functionNameOf = (capability: string): string =>
  capability
    .split('-')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');

/** A request that fails after its run has begun gives its key back; one that succeeds is repeated. */
const repeated = (
  name: string,
  path: string,
  good: (prepared: PreparedCalls) => Promise<object> | object,
  bad?: (prepared: PreparedCalls) => Promise<object> | object,
): Step => ({
  name: `${name}, repeated`,
  async run(platform) {
    const prepared = await prepareCalls(platform);
    const operators = ['/v1/services', '/v1/persons/acts'].includes(path);
    const client = path === jobsPath ? await tokenOfNewService(platform) : prepared.clientToken;
    const token = operators ? prepared.operatorToken : client;
    const json = await good(prepared);
    const headers = { 'idempotency-key': randomUUID() };
    expectStatus(201, await platform.call('POST', path, { token, json, headers }));
    expectStatus(201, await platform.call('POST', path, { token, json, headers }));
    if (bad === undefined) return;
    const spoilt = await bad(prepared);
    const again = { 'idempotency-key': randomUUID() };
    for (let n = 0; n < 2; n++) {
      const { body } = await platform.call('POST', path, { token, json: spoilt, headers: again });
      if (body['code'] === 'request-in-progress' || body['code'] === 'dependency-unavailable')
        throw new Error(body['code']);
    }
  },
});

/** The authorizer writes a line about a refusal. */
const refusal: Step = {
  name: 'the log of a refused token',
  async run(platform) {
    const since = platform.sandbox.cloud.logCount;
    // Another one each time: the gateway remembers the answer for a token.
    const token = `not.a.${randomUUID()}`;
    await platform.call('GET', '/v1/revocations/sources', { token });
    await untilLogged(platform, 'Authorizer', since);
  },
};

/** Every schedule when it is due: the age of the lists, the deletions of the night. */
const schedules: Step = {
  name: 'what runs by schedule',
  async run(platform) {
    const { cloud } = platform.sandbox;
    const since = cloud.logCount;
    cloud.runSchedules();
    await untilLogged(platform, 'WatchLists', since, '"OldestListAge"');
    await untilLogged(platform, 'RightsSweep', since, '"deletions-swept"');
  },
};

/** A second service of an organisation that has one. */
async function anotherService({ platform, operatorToken: token, serviceId }: PreparedCalls) {
  const { body } = await platform.call('GET', `/v1/services/${serviceId}`, { token });
  const { organisationId } = body;
  const name = `Another ${randomUUID()}`;
  const jwks = await provedJwks(platform, await newClientKey(), name);
  return { organisation: { organisationId }, name, type: 'type2', status: 'active', jwks };
}

export const steps: readonly Step[] = [
  ...lists,
  ...routes,
  repeated('a service', '/v1/services', anotherService, async (prepared) => ({
    ...(await anotherService(prepared)),
    name: sampleServiceName,
    jwks: prepared.jwks,
  })),
  repeated('an act of operators', '/v1/persons/acts', proposalOf, async (prepared) => ({
    ...(await proposalOf(prepared)),
    flagId: `flag_${'a'.repeat(43)}`,
  })),
  repeated(
    'a job',
    jobsPath,
    () => ({ format: 'csv', bytes: 9, issuer }),
    () => ({
      format: 'csv',
      bytes: 9,
      issuer: 'nobody',
    }),
  ),
  repeated(
    'a login',
    '/v1/authentications',
    ({ platform, clientToken, card }) => signedChallenge(platform, clientToken, card),
    async ({ platform, clientToken, card }) => ({
      ...(await signedChallenge(platform, clientToken, card)),
      certificate: card['digital-signature']!.certificate,
    }),
  ),
  ...persons,
  ...jobs,
  refusal,
  schedules,
];
