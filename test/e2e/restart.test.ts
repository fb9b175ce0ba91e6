import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { serviceEnvironment } from '../../sandbox/environment-file.ts';
import type { CardView } from '../../sandbox/jlis/control-client.ts';
import { localS3 } from '../../sandbox/cloud/local-clients.ts';
import { ownCrlNumber, ownList } from './own-list.ts';
import {
  signedChallenge,
  startPlatform,
  takeToken,
  type PlatformUnderTest,
} from './platform-under-test.ts';

const anchor = 'user-authentication-2023';
const revokedSerial = 0x7abc_def0;

const folder = mkdtempSync(join(tmpdir(), 'my-key-restart-'));
let before: Memory;
let platform: PlatformUnderTest;

/** PPIDs of the earlier release's persons, by card, when this release started on its folder. */
let ppidsNow: ReadonlyMap<string, unknown>;

/** What a caller sees. */
interface Memory {
  readonly clientId: string;
  readonly ppid: unknown;
  readonly list: Record<string, unknown>;
  readonly revoked: unknown;
}

let card: CardView;
let jobId: string;
let stateBefore: unknown;

/** 300,000 rows, three chunks, of which every third is revoked. */
const rows = Array.from({ length: 300_000 }, (_, n) =>
  n % 3 === 0 ? revokedSerial.toString(16) : (0x7000_0000 + n).toString(16),
).join('\n');

async function startedJob(): Promise<string> {
  const token = await takeToken(platform, platform.client);
  const created = await platform.call('POST', '/v1/revocations/jobs', {
    token,
    json: { format: 'csv', issuer: anchor, bytes: rows.length, serialFormat: 'hex' },
  });
  const { url, headers } = created.body['upload'] as {
    url: string;
    headers: Record<string, string>;
  };
  await fetch(url, { method: 'PUT', headers, body: rows });
  const id = String(created.body['jobId']);
  await platform.call('POST', `/v1/revocations/jobs/${id}/start`, { token });
  return id;
}

async function job(): Promise<Record<string, unknown>> {
  const token = await takeToken(platform, platform.client);
  return (await platform.call('GET', `/v1/revocations/jobs/${jobId}`, { token })).body;
}

const jobState = async (): Promise<unknown> => (await job())['state'];

beforeAll(async () => {
  unpackRelease('2026-11-22', folder);
  platform = await startPlatform(folder);
  ppidsNow = await logInAgain();
  card = await platform.jlis('cards', {});
  await dropList();
  before = await look();
  jobId = await startedJob();
  stateBefore = await jobState();
  await platform.sandbox.close();
  platform = await startPlatform(folder);
}, 240_000);

afterAll(async () => {
  await platform?.sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The data folder that a release wrote, and who stood in it (`releases/README.md`). */
function unpackRelease(release: string, into: string): void {
  const archive = new URL(`releases/${release}.tar.gz`, import.meta.url).pathname;
  const { status, stderr } = spawnSync('tar', ['-xzf', archive, '-C', into]);
  if (status !== 0) throw new Error(String(stderr));
}

const { persons } = JSON.parse(
  readFileSync(new URL('releases/2026-11-22.json', import.meta.url), 'utf8'),
) as { persons: readonly { cardId: string; ppid: string; moved?: true }[] };

async function logInAgain(): Promise<ReadonlyMap<string, unknown>> {
  const token = await takeToken(platform, platform.client);
  const found = new Map<string, unknown>();
  for (const { cardId } of persons) {
    const known = (await getJson(
      `${platform.sandbox.jlis.url}/control/cards/${cardId}`,
    )) as CardView;
    const json = await signedChallenge(platform, token, known);
    const { body } = await platform.call('POST', '/v1/authentications', { token, json });
    found.set(cardId, body['ppid'] ?? body['code']);
  }
  return found;
}

const getJson = async (url: string): Promise<unknown> => (await fetch(url)).json();

async function dropList(): Promise<void> {
  const { jlis, cloud } = platform.sandbox;
  const list = ownList(jlis, anchor, revokedSerial);
  const environment = serviceEnvironment(cloud);
  const objects = localS3(environment['AWS_ENDPOINT_URL_S3']!, cloud.operator);
  const Bucket = environment['REVOCATION_BUCKET']!;
  await objects.send(new PutObjectCommand({ Bucket, Key: 'drops/list.crl', Body: list }));
  objects.destroy();
  await cloud.settled();
}

async function look(): Promise<Memory> {
  const token = await takeToken(platform, platform.client);
  const json = await signedChallenge(platform, token, card);
  const login = await platform.call('POST', '/v1/authentications', { token, json });
  const listed = await platform.call('GET', '/v1/revocations/sources', { token });
  const checked = await platform.call('POST', '/v1/revocations/check', {
    token,
    json: { issuer: anchor, serials: [revokedSerial.toString(16), '7abcdef1'] },
  });
  const sources = listed.body['sources'] as Record<string, unknown>[];
  return {
    clientId: platform.client.clientId,
    ppid: login.body['ppid'],
    list: sources.find(({ sourceId }) => sourceId === `${anchor}/full`) ?? {},
    revoked: (checked.body['notGood'] as { revoked: unknown }).revoked,
  };
}

describe('the data of an earlier release', () => {
  it('are read: every person keeps their PPID, also those of a renewed card', () => {
    expect(ppidsNow).toEqual(new Map(persons.map(({ cardId, ppid }) => [cardId, ppid])));
  });

  it('keep what a service confirmed: the baseline of attributes', async () => {
    const { ppid } = persons.find(({ moved }) => moved)!;
    const token = await takeToken(platform, platform.client);
    const json = { ppid };
    const { body } = await platform.call('POST', '/v1/attribute-status', { token, json });
    expect(body).toMatchObject({ status: expect.not.stringMatching('unchanged') });
    expect(body['reason']).not.toBe('never-confirmed');
  });
});

describe('a sandbox with --data, stopped and started again', () => {
  it('knows its client, its people and its lists', async () => {
    const after = await look();
    expect(after.clientId).toBe(before.clientId);
    expect(before.ppid).toMatch(/^[a-z2-7]{32}$/);
    expect(after.ppid).toBe(before.ppid);
    expect(before.revoked).toMatchObject({ row: [0] });
    expect(after.revoked).toEqual(before.revoked);
  });

  it('refuses a list older than the one before the restart', async () => {
    const { list } = await look();
    expect(list).toMatchObject({
      state: 'overdue',
      crlNumber: String(ownCrlNumber),
      lastAttempt: { outcome: 'refused', code: 'crl-number-backwards' },
    });
  });
});

describe('a job that ran when the sandbox ended', () => {
  it('is finished by the next one, every row in one total', async () => {
    expect(['planning', 'checking', 'finishing']).toContain(stateBefore);
    while (['planning', 'checking', 'finishing'].includes(String(await jobState()))) {
      await delay(500);
    }
    expect(await job()).toMatchObject({
      state: 'completed',
      totals: { rows: 300_000, revoked: 100_000, good: 200_000, unknown: 0, malformed: 0 },
    });
  }, 120_000);
});

describe('DynamoDB Local that is killed', () => {
  it('is named by the status, started again, and has lost nothing', async () => {
    process.kill(await emulatorOf(folder), 'SIGKILL');
    let answer = await status();
    while (answer.status === 200) answer = await status();
    expect(answer).toMatchObject({
      status: 503,
      type: 'application/problem+json',
      body: {
        code: 'dependency-unavailable',
        detail: expect.stringMatching(/^DynamoDB Local ended .* started again/),
      },
    });
    while ((await status()).status !== 200) await delay(200);
    expect((await look()).ppid).toBe(before.ppid);
  }, 120_000);
});

const status = () => platform.call('GET', '/v1/status');

/** The Java process whose tables are in the folder. */
async function emulatorOf(dataDir: string): Promise<number> {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const found = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (found.includes('DynamoDBLocal.jar') && found.includes(dataDir) && !found.startsWith('sh'))
      return Number(pid);
  }
  throw new Error('no DynamoDB Local of this folder');
}
