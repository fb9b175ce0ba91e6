import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceEnvironment } from '../../sandbox/environment-file.ts';
import type { CardView } from '../../sandbox/jlis/control-client.ts';
import { localS3 } from '../platform/adapters/revocation-tables.ts';
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

/** What a caller sees. */
interface Memory {
  readonly clientId: string;
  readonly ppid: unknown;
  readonly list: Record<string, unknown>;
  readonly revoked: unknown;
}

let card: CardView;

beforeAll(async () => {
  platform = await startPlatform(folder);
  card = await platform.jlis('cards', {});
  await dropList();
  before = await look();
  await platform.sandbox.close();
  platform = await startPlatform(folder);
}, 120_000);

afterAll(async () => {
  await platform?.sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

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

describe('a sandbox with --data, stopped and started again', () => {
  it('knows its client, its people and its lists', async () => {
    const after = await look();
    expect(after.clientId).toBe(before.clientId);
    expect(before.ppid).toMatch(/^[a-z2-7]{32}$/);
    expect(after.ppid).toBe(before.ppid);
    expect(before.revoked).toMatchObject({ row: [0] });
    expect(after.revoked).toEqual(before.revoked);
  });

  it('refuses what is older than the list it had before', async () => {
    const { list } = await look();
    expect(list).toMatchObject({
      state: 'overdue',
      crlNumber: String(ownCrlNumber),
      lastAttempt: { outcome: 'refused', code: 'crl-number-backwards' },
    });
  });
});
