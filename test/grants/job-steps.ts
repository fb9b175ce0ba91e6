import { gzipSync } from 'node:zlib';
import { createPrepared } from '../capabilities/services/good-calls.ts';
import { sampleServiceName } from '../e2e/good-call.ts';
import {
  newClientKey,
  provedJwks,
  takeToken,
  type PlatformUnderTest,
} from '../e2e/platform-under-test.ts';
import { prepareCalls } from '../e2e/route-calls.ts';
import { logIn } from './person-steps.ts';
import {
  expectFilterRead,
  expectStatus,
  issuer,
  manySerials,
  until,
  untilLogged,
  type Step,
} from './step.ts';

const jobsPath = '/v1/revocations/jobs';

/** What becomes of a job that may not end is no matter to the quota of the service of the next one. */
export async function tokenOfNewService(platform: PlatformUnderTest): Promise<string> {
  const prepared = await prepareCalls(platform);
  const pair = await newClientKey();
  const jwks = await provedJwks(platform, pair, sampleServiceName);
  const { body } = await createPrepared.make({ ...prepared, jwk: pair.jwk, jwks });
  const [client] = body['clients'] as readonly { readonly clientId: string }[];
  const identity = {
    clientId: client!.clientId,
    keyId: pair.jwk.kid!,
    privateKey: pair.privateKey,
  };
  return takeToken(platform, identity);
}

async function job(
  platform: PlatformUnderTest,
  token: string,
  request: object,
  file: Buffer,
  end: string,
  started: (id: string, token: string) => Promise<void> = async () => {},
): Promise<void> {
  const since = platform.sandbox.cloud.logCount;
  const json = { format: 'csv', bytes: file.length, ...request };
  const { body } = expectStatus(201, await platform.call('POST', jobsPath, { token, json }));
  const { url, headers = {} } = body['upload'] as { url: string; headers?: Record<string, string> };
  const uploaded = await fetch(url, { method: 'PUT', body: new Uint8Array(file), headers });
  if (!uploaded.ok) throw new Error(`upload: ${uploaded.status}`);
  const id = String(body['jobId']);
  expectStatus(202, await platform.call('POST', `${jobsPath}/${id}/start`, { token }));
  await started(id, token);
  const ended = async (): Promise<JobView | undefined> => {
    const answer = await platform.call('GET', `${jobsPath}/${id}`, { token });
    const now = expectStatus(200, answer).body as unknown as JobView;
    return ['completed', 'failed', 'cancelled'].includes(now.state) ? now : undefined;
  };
  const patience = { everyMs: 100, withinMs: 60_000, or: 'the job does not end' };
  const { state, results = [] } = await until(platform.sandbox, ended, patience);
  if (state !== end) throw new Error(state);
  if (end === 'completed' && results.length === 0) throw new Error('no results');
  for (const { url } of results) if (!(await fetch(url)).ok) throw new Error('download');
  await expectClearedUp(platform, id, since);
  expectStatus(200, await platform.call('DELETE', `${jobsPath}/${id}`, { token }));
}

/** A job about a person of a new service, and about PPIDs of nobody. */
async function jobByPpid(
  platform: PlatformUnderTest,
  request: object,
  ...nobodys: readonly string[]
): Promise<void> {
  const prepared = await prepareCalls(platform);
  const token = await tokenOfNewService(platform);
  const ppid = await logIn(platform, { ...prepared, clientToken: token });
  const file = Buffer.from(['ppid', ppid, ...nobodys, ''].join('\n'));
  await job(platform, token, { by: 'ppid', ...request }, file, 'completed');
}

interface JobView {
  readonly state: string;
  readonly results?: readonly { readonly url: string }[];
}

/**
 * A job is completed before its upload and its parts are deleted: a failure to do so shows in the
 * log alone.
 * @throws Error if the last function of a job has failed
 */
async function expectClearedUp(
  { sandbox }: PlatformUnderTest,
  id: string,
  since: number,
): Promise<void> {
  const { cloud } = sandbox;
  const ended = (): true | undefined =>
    !cloud.runningExecutions.some((arn) => arn.endsWith(`:${id}`)) || undefined;
  const patience = { everyMs: 50, withinMs: 60_000, or: 'the state machine does not end' };
  await until(sandbox, ended, patience);
  const failure = cloud
    .logsSince(since)
    .find((line) => line.startsWith('JobFinish: ') && line.includes('dependency-unavailable'));
  if (failure !== undefined) throw new Error('the files of the job were not deleted');
}

export const jobs: readonly Step[] = [
  {
    name: 'a job by serial, packed',
    run: async (platform) =>
      job(
        platform,
        await tokenOfNewService(platform),
        { issuer, compression: 'gzip' },
        gzipSync('serial\n8000001\n8000002\nx\n'),
        'completed',
      ),
  },
  {
    name: 'a job of many serials, by the filter of their list',
    async run(platform) {
      const since = platform.sandbox.cloud.logCount;
      await job(
        platform,
        await tokenOfNewService(platform),
        { issuer },
        Buffer.from(['serial', ...manySerials].join('\n')),
        'completed',
      );
      await expectFilterRead(platform, since);
    },
  },
  { name: 'a job by PPID', run: (platform) => jobByPpid(platform, {}, 'a'.repeat(32)) },
  {
    name: 'a job that asks for attributes, by responder or list',
    run: (platform) => jobByPpid(platform, { ask: 'attributes', method: 'auto' }),
  },

  {
    name: 'a job that is cancelled while it runs',
    run: async (platform) =>
      job(
        platform,
        await tokenOfNewService(platform),
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
      const token = await tokenOfNewService(platform);
      const json = { format: 'csv', bytes: 9, issuer };
      const { body } = expectStatus(201, await platform.call('POST', jobsPath, { token, json }));
      const path = `${jobsPath}/${String(body['jobId'])}/start`;
      expectStatus(409, await platform.call('POST', path, { token }));
    },
  },
  {
    name: 'the logs of workers that are given no job',
    async run(platform) {
      const { cloud } = platform.sandbox;
      const workers = { 'job-plan': 'JobPlan', 'job-chunk': 'JobChunk', 'job-finish': 'JobFinish' };
      for (const [capability, name] of Object.entries(workers)) {
        const since = cloud.logCount;
        const failed = await cloud.invoke(capability, null).catch((cause: unknown) => cause);
        if (!(failed instanceof Error)) throw new Error(`${name} did not fail`);
        await untilLogged(platform, name, since);
      }
    },
  },
];
