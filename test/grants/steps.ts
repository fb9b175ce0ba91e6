import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { operations } from '../../lib/operations.ts';
import { serviceEnvironment } from '../../sandbox/environment-file.ts';
import { sampleServiceName, type PreparedCalls } from '../e2e/good-call.ts';
import { ownList } from '../e2e/own-list.ts';
import {
  signedChallenge,
  type Answer,
  type PlatformUnderTest,
} from '../e2e/platform-under-test.ts';
import { goodCallOf, prepareCalls } from '../e2e/route-calls.ts';
import { localS3 } from '../platform/adapters/revocation-tables.ts';

/** A piece of what the platform is for. Throws where it does not do it. */
export interface Step {
  readonly name: string;
  run(platform: PlatformUnderTest): Promise<void>;
}

const jobsPath = '/v1/revocations/jobs';
const issuer = 'user-authentication-2023';

function expectStatus(status: number, answer: Answer): Answer {
  if (answer.status === status) return answer;
  throw new Error(`${answer.status} instead of ${status}: ${String(answer.body['code'])}`);
}

/** Every route with its good call, each by a caller with tokens of its own. */
const routes: readonly Step[] = operations.map(({ id }) => ({
  name: id,
  async run(platform) {
    const call = goodCallOf(id);
    expectStatus(call.status, await call.make(await prepareCalls(platform)));
  },
}));

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
    const token = path === '/v1/services' ? prepared.operatorToken : prepared.clientToken;
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

async function job(
  platform: PlatformUnderTest,
  request: object,
  file: Buffer,
  end: string,
  started: (id: string, token: string) => Promise<void> = async () => {},
): Promise<void> {
  const { clientToken: token } = await prepareCalls(platform);
  const json = { format: 'csv', bytes: file.length, ...request };
  const { body } = expectStatus(201, await platform.call('POST', jobsPath, { token, json }));
  const { url, headers = {} } = body['upload'] as { url: string; headers?: Record<string, string> };
  const uploaded = await fetch(url, { method: 'PUT', body: new Uint8Array(file), headers });
  if (!uploaded.ok) throw new Error(`upload: ${uploaded.status}`);
  const id = String(body['jobId']);
  expectStatus(202, await platform.call('POST', `${jobsPath}/${id}/start`, { token }));
  await started(id, token);
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const { body: now } = expectStatus(
      200,
      await platform.call('GET', `${jobsPath}/${id}`, { token }),
    );
    const { state, result } = now as { state: string; result?: { url?: string } };
    if (state === end) {
      if (result?.url !== undefined && !(await fetch(result.url)).ok) throw new Error('download');
      expectStatus(200, await platform.call('DELETE', `${jobsPath}/${id}`, { token }));
      return;
    }
    if (['completed', 'failed', 'cancelled'].includes(state)) throw new Error(state);
    if (Date.now() > giveUpAt) throw new Error('the job does not end');
    await delay(100);
  }
}

const logIn = async (
  platform: PlatformUnderTest,
  prepared: PreparedCalls,
  card = prepared.card,
) => {
  const { clientToken: token } = prepared;
  const json = await signedChallenge(platform, token, card);
  const answer = await platform.call('POST', '/v1/authentications', { token, json });
  return String(expectStatus(201, answer).body['ppid']);
};

const untilLogged = async (platform: PlatformUnderTest, name: string, since: number) => {
  for (let n = 0; n < 40; n++) {
    if (platform.sandbox.cloud.logs.slice(since).some((line) => line.startsWith(`${name}: `)))
      return;
    await delay(50);
  }
  throw new Error(`${name} wrote no log`);
};

const jobs: readonly Step[] = [
  {
    name: 'a job by serial, packed',
    run: (platform) =>
      job(
        platform,
        { issuer, compression: 'gzip' },
        gzipSync('serial\n8000001\n8000002\nx\n'),
        'completed',
      ),
  },
  {
    name: 'a job by PPID',
    async run(platform) {
      const prepared = await prepareCalls(platform);
      const ppid = await logIn(platform, prepared);
      await job(
        platform,
        { by: 'ppid' },
        Buffer.from(`ppid\n${ppid}\n${'a'.repeat(32)}\n`),
        'completed',
      );
    },
  },
  {
    name: 'a job that is cancelled while it runs',
    run: (platform) =>
      job(
        platform,
        { issuer },
        Buffer.from(`serial\n${'8000001\n'.repeat(300_000)}`),
        'cancelled',
        async (id, token) => {
          expectStatus(200, await platform.call('DELETE', `${jobsPath}/${id}`, { token }));
        },
      ),
  },
  {
    name: 'a job that is started without its upload',
    async run(platform) {
      const { clientToken: token } = await prepareCalls(platform);
      const json = { format: 'csv', bytes: 9, issuer };
      const { body } = expectStatus(201, await platform.call('POST', jobsPath, { token, json }));
      const path = `${jobsPath}/${String(body['jobId'])}/start`;
      expectStatus(409, await platform.call('POST', path, { token }));
    },
  },
];

const lists: readonly Step[] = [
  {
    name: 'the nightly lists, after J-LIS published new ones',
    async run(platform) {
      const { sandbox } = platform;
      await platform.jlis('crl/publish', {});
      const since = sandbox.cloud.logs.length;
      await sandbox.ingest();
      const told = sandbox.cloud.logs.slice(since).join('');
      if (!/"outcome":"(loaded|switched|unchanged)"/.test(told))
        throw new Error('nothing was loaded');
    },
  },
  {
    name: 'a list that is dropped into the bucket',
    async run({ sandbox }) {
      const { cloud, jlis } = sandbox;
      const environment = serviceEnvironment(cloud);
      const s3 = localS3(environment['AWS_ENDPOINT_URL_S3']!, cloud.operator);
      const Body = ownList(jlis, issuer, 0x7abc_def0);
      const Bucket = environment['REVOCATION_BUCKET']!;
      const since = cloud.logs.length;
      await s3.send(new PutObjectCommand({ Bucket, Key: `drops/${randomUUID()}.crl`, Body }));
      s3.destroy();
      await cloud.settled();
      const told = cloud.logs.slice(since).join('');
      if (!/"outcome":/.test(told)) throw new Error('the list was not read');
    },
  },
  {
    name: 'an event that no ingestion can serve',
    async run({ sandbox }) {
      const { cloud } = sandbox;
      const environment = serviceEnvironment(cloud);
      const s3 = localS3(environment['AWS_ENDPOINT_URL_S3']!, cloud.operator);
      const Bucket = environment['REVOCATION_BUCKET']!;
      const since = cloud.logs.length;
      await s3.send(
        new PutObjectCommand({ Bucket, Key: `drops/${randomUUID()}.crl`, Body: 'no list' }),
      );
      s3.destroy();
      await cloud.settled();
      const told = cloud.logs.slice(since).join('');
      if (!told.includes('given up, sent to')) throw new Error('the event is lost');
    },
  },
];

const persons: readonly Step[] = [
  {
    name: 'a person whose card was renewed',
    async run(platform) {
      const prepared = await prepareCalls(platform);
      const first = await logIn(platform, prepared);
      const renewed = await platform.jlis(`cards/${prepared.card.cardId}/renew`, {});
      if ((await logIn(platform, prepared, renewed)) !== first) throw new Error('another PPID');
    },
  },
  {
    name: 'certificates by list',
    async run(platform) {
      const { clientToken: token, card } = await prepareCalls(platform);
      const json = { certificate: card['user-authentication'].certificate, method: 'crl' };
      const answer = await platform.call('POST', '/v1/certificates/validate', { token, json });
      if (expectStatus(200, answer).body['verdict'] !== 'valid') throw new Error('not valid');
    },
  },
];

/** Every function writes a line about what it did. */
const logs: Step = {
  name: 'the logs of the functions',
  async run(platform) {
    const since = platform.sandbox.cloud.logs.length;
    const prepared = await prepareCalls(platform);
    for (const id of [
      'check-revocations',
      'get-status',
      'validate-certificate',
      'check-attributes',
    ])
      await goodCallOf(id).make(prepared);
    const denied = { token: 'not.a.token' };
    await platform.call('GET', '/v1/revocations/sources', denied);
    for (const name of [
      'Tokens',
      'Services',
      'Authorizer',
      'Status',
      'Certificates',
      'RevocationChecks',
    ])
      await untilLogged(platform, name, since);
  },
};

export const steps: readonly Step[] = [
  ...routes,
  repeated('a service', '/v1/services', ({ jwks }) => ({
    organisation: { name: 'Grants City' },
    name: sampleServiceName,
    type: 'type2',
    status: 'active',
    jwks,
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
  ...lists,
  logs,
];
