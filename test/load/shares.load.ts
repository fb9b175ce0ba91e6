import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { jobLimits } from '../../lambdas/capabilities/jobs/limits.ts';
import {
  newClientKey,
  provedJwks,
  signedChallenge,
  startPlatform,
  takeToken,
  type Answer,
  type PlatformUnderTest,
} from '../e2e/platform-under-test.ts';

/** What one client may send in a day, of which every test here leaves the others theirs. */
const requestsPerDay = 600;
const jobsPath = '/v1/revocations/jobs';

let platform: PlatformUnderTest;
/** A token of the service that logs people in. */
let logins: string;

beforeAll(async () => {
  platform = await startPlatform(undefined, {
    clientRequestsPerDay: String(requestsPerDay),
    clientRate: '500',
  });
  logins = await takeToken(platform, platform.client);
  await logIn();
}, 120_000);
afterAll(() => platform?.sandbox.close());

/** An access token of a new Type 2 service. */
async function newService(name: string): Promise<string> {
  const pair = await newClientKey();
  const { body } = await platform.call('POST', '/v1/services', {
    token: await takeToken(platform, platform.operator),
    json: {
      organisation: { name: `${name} City` },
      name,
      type: 'type2',
      status: 'active',
      jwks: await provedJwks(platform, pair, name),
    },
  });
  const [client] = body['clients'] as { clientId: string }[];
  return takeToken(platform, {
    clientId: client!.clientId,
    keyId: 'first',
    privateKey: pair.privateKey,
  });
}

async function logIn(): Promise<{ readonly status: number; readonly ms: number }> {
  const card = await platform.jlis('cards', {});
  const began = performance.now();
  const json = await signedChallenge(platform, logins, card);
  const { status } = await platform.call('POST', '/v1/authentications', { token: logins, json });
  return { status, ms: performance.now() - began };
}

/** Logins one after the other, until `until` has come and there are ten of them. */
async function logInsUntil(until: Promise<unknown>) {
  const over = new AbortController();
  void until.then(
    () => over.abort(),
    () => over.abort(),
  );
  const all: Awaited<ReturnType<typeof logIn>>[] = [];
  while (!over.signal.aborted || all.length < 10) all.push(await logIn());
  const times = all.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return {
    refused: all.filter(({ status }) => status !== 201),
    count: all.length,
    p99: Math.round(times[Math.ceil(times.length * 0.99) - 1]!),
  };
}

/** What is looked at later, not by a test: numbers of a busy machine prove nothing. */
async function beside(what: string, work: () => Promise<unknown>): Promise<void> {
  const idle = await logInsUntil(Promise.resolve());
  const busy = await logInsUntil(work());
  process.stderr.write(
    `logins beside ${what}: ${busy.count}, p99 ${busy.p99} ms; idle ${idle.count}, p99 ${idle.p99} ms\n`,
  );
  expect(idle.refused).toEqual([]);
  expect(busy.refused).toEqual([]);
}

const countBy = (answers: readonly Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = [status, body['code'], body['quota']].filter(Boolean).join(' ');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

interface Upload {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function runJob(token: string, { body: made }: Answer, bytes: Uint8Array) {
  const { url, headers } = made['upload'] as Upload;
  await fetch(url, { method: 'PUT', headers, body: bytes });
  const path = `${jobsPath}/${made['jobId'] as string}`;
  await platform.call('POST', `${path}/start`, { token });
  for (;;) {
    const { body } = await platform.call('GET', path, { token });
    if (!['planning', 'checking', 'finishing'].includes(body['state'] as string)) return body;
    await delay(250);
  }
}

describe('logins of one service go on beside another', () => {
  it('that starts 60 jobs at once: its bound is kept, and the rest is told which', async () => {
    const token = await newService('Sixty Jobs');
    const rows = `serial\n${Array.from({ length: 1_000 }, (_, n) => (0x0700_0000 + n).toString(16)).join('\n')}\n`;
    const bytes = Buffer.from(rows);
    const json = {
      format: 'csv',
      bytes: bytes.length,
      issuer: 'user-authentication-2023',
    };
    const many = Array.from({ length: 60 });
    await beside('60 jobs', async () => {
      const made = await Promise.all(
        many.map(() => platform.call('POST', jobsPath, { token, json })),
      );
      expect(countBy(made)).toEqual({
        '201': jobLimits.activeJobs,
        '429 job-quota-exceeded active-jobs': 60 - jobLimits.activeJobs,
      });
      const refused = made.find(({ status }) => status === 429)!;
      expect(refused.headers['retry-after']).toBe('60');
      const taken = made.filter(({ status }) => status === 201);
      const ended = await Promise.all(taken.map((job) => runJob(token, job, bytes)));
      expect(ended.map(({ state }) => state)).toEqual(ended.map(() => 'completed'));
    });
    // What has ended is not active any more.
    expect((await platform.call('POST', jobsPath, { token, json })).status).toBe(201);
  }, 120_000);

  it('that sends more than its quota: the rest is refused before anything runs', async () => {
    const token = await newService('Loop');
    const most = requestsPerDay + 50;
    await beside('a client beyond its quota', async () => {
      const answers: Answer[] = [];
      while (answers.length < most) {
        const some = Array.from({ length: Math.min(50, most - answers.length) }, () =>
          platform.call('GET', '/v1/status', { token }),
        );
        answers.push(...(await Promise.all(some)));
      }
      expect(countBy(answers)).toEqual({
        '200': requestsPerDay,
        '429 quota-exceeded client-requests-per-day': 50,
      });
      const refused = answers.at(-1)!;
      expect([refused.type, refused.headers['retry-after']]).toEqual([
        'application/problem+json',
        '3600',
      ]);
    });
    // The operator's key has no quota: whatever is used up can be mended.
    const operator = await takeToken(platform, platform.operator);
    const mending = await platform.call('GET', '/v1/services', { token: operator });
    expect(mending.status).toBe(200);
  }, 120_000);

  it('that uploads 200 KB which expand to 200 MB: the plan gives up early', async () => {
    const token = await newService('Expanding');
    const bytes = gzipSync(Buffer.alloc(200_000_000, '\n'));
    expect(bytes.length).toBeLessThan(210_000);
    const json = {
      format: 'csv',
      compression: 'gzip',
      bytes: bytes.length,
      issuer: 'user-authentication-2023',
    };
    await beside('an upload that expands', async () => {
      const made = await platform.call('POST', jobsPath, { token, json });
      const { state, failure } = await runJob(token, made, bytes);
      expect([state, failure]).toEqual(['failed', 'upload-expands-too-far']);
    });
  }, 120_000);
});
