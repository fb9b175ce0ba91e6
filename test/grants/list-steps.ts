import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { signedHeaders } from '../../sandbox/cloud/iam/sigv4.ts';
import { serviceEnvironment } from '../../sandbox/environment-file.ts';
import { municipalities } from '../../sandbox/jlis/municipalities.ts';
import { ownCrlNumber, ownList } from '../e2e/own-list.ts';
import type { PlatformUnderTest } from '../e2e/platform-under-test.ts';
import { prepareCalls } from '../e2e/route-calls.ts';
import { localS3 } from '../../sandbox/cloud/local-clients.ts';
import { expectFilterRead, expectStatus, issuer, manySerials, type Step } from './step.ts';

/** Lists of these anchors are loaded by hand, so that those of J-LIS go on being served. */
const byDrop = 'user-authentication-2019';
const byCommand = 'digital-signature-2019';

let lastNumber: number = ownCrlNumber;

/** A complete list and two deltas, the second to the first, so that it takes in its entries (RFC 5280 §5.2.4). */
function listWithDeltas({ sandbox: { jlis } }: PlatformUnderTest, anchor: string): Buffer[] {
  lastNumber = Math.max(lastNumber, jlis.registry.publication);
  const numbers = [++lastNumber, ++lastNumber, ++lastNumber];
  return numbers.map((crlNumber, n) => {
    const deltaBase = numbers[n - 1];
    const more = deltaBase === undefined ? { crlNumber } : { crlNumber, deltaBase };
    return ownList(jlis, anchor, 0x7abc_def0 + n, more);
  });
}

/** Objects as the operator reaches them. */
async function withBucket<T>(
  { sandbox: { cloud } }: PlatformUnderTest,
  use: (s3: S3Client, bucket: string) => Promise<T>,
): Promise<T> {
  const environment = serviceEnvironment(cloud);
  const s3 = localS3(environment['AWS_ENDPOINT_URL_S3']!, cloud.operator);
  try {
    return await use(s3, environment['REVOCATION_BUCKET']!);
  } finally {
    s3.destroy();
  }
}

/** What is logged until the ingestion of a dropped file has ended. */
async function logOfDrop(platform: PlatformUnderTest, Body: Buffer | string): Promise<string> {
  const { cloud } = platform.sandbox;
  const since = cloud.logCount;
  await withBucket(platform, (s3, Bucket) =>
    s3.send(new PutObjectCommand({ Bucket, Key: `drops/${randomUUID()}.crl`, Body })),
  );
  await cloud.settled();
  return cloud.logsSince(since).join('');
}

/**
 * J-LIS revokes more under both anchors, of persons of everywhere, and publishes. Its numbers go on
 * above those of the lists loaded by hand: none of its lists is refused as older.
 */
async function publishMore(platform: PlatformUnderTest): Promise<void> {
  const { registry } = platform.sandbox.jlis;
  registry.publication = Math.max(registry.publication, lastNumber);
  for (const anchor of [issuer, 'digital-signature-2023'])
    for (const { code } of municipalities)
      await platform.jlis('crl/synthetic', { issuer: anchor, municipality: code, count: 200 });
}

const summary = /"switched":([1-9]\d*),"unchanged":\d+,"refused":0/;

async function mykey({ sandbox }: PlatformUnderTest, ...argv: string[]): Promise<string> {
  const env = { ...process.env, ...serviceEnvironment(sandbox.cloud) };
  const ran = await promisify(execFile)(process.execPath, ['cli/mykey.mjs', ...argv], { env });
  return ran.stdout;
}

export const lists: readonly Step[] = [
  {
    name: 'the nightly lists, after J-LIS published new ones',
    async run(platform) {
      const { sandbox } = platform;
      await publishMore(platform);
      const since = sandbox.cloud.logCount;
      await sandbox.ingest();
      const told = sandbox.cloud.logsSince(since).join('');
      if (!summary.test(told) || /"refused":[1-9]/.test(told))
        throw new Error('the new lists were not loaded');
    },
  },
  {
    name: 'a list and its deltas that are dropped into the bucket',
    async run(platform) {
      for (const list of listWithDeltas(platform, byDrop)) {
        const told = await logOfDrop(platform, list);
        if (!summary.test(told)) throw new Error('the list was not read');
      }
    },
  },
  {
    name: 'an event that no ingestion can serve',
    async run(platform) {
      const told = await logOfDrop(platform, 'no list');
      if (!told.includes('given up, sent to')) throw new Error('the event is lost');
    },
  },
  {
    name: 'a list and its deltas that the operator loads from a terminal',
    async run(platform) {
      const folder = mkdtempSync(join(tmpdir(), 'mykey-grants-'));
      const file = join(folder, 'list.crl');
      const { deploymentFile, jlis } = platform.sandbox;
      const at = new Date(jlis.now()).toISOString();
      const more = ['--deployment', deploymentFile, '--at', at, '--json'];
      try {
        for (const list of listWithDeltas(platform, byCommand)) {
          writeFileSync(file, list);
          const told = await mykey(platform, 'crl', 'ingest', file, ...more);
          if (!told.includes('"switched"')) throw new Error(told);
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  },
  {
    name: 'the lists of the sources, loaded by the operator now',
    async run({ sandbox: { cloud } }) {
      const url = new URL('/2015-03-31/functions/ingest-crl/invocations', cloud.lambdaEndpoint);
      const request = { method: 'POST', url, body: '{}' };
      const scope = { region: 'ap-northeast-1', service: 'lambda' };
      const headers = signedHeaders(request, cloud.operator, scope, Date.now());
      const answer = await fetch(url, { method: 'POST', headers, body: request.body });
      if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    },
  },
  {
    name: 'a drop of many parts that is broken off',
    run: (platform) =>
      withBucket(platform, async (s3, Bucket) => {
        const Key = `drops/${randomUUID()}.crl`;
        const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
        await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      }),
  },
  {
    name: 'many serials at once, by the filter of their list',
    async run(platform) {
      const { clientToken: token } = await prepareCalls(platform);
      const since = platform.sandbox.cloud.logCount;
      const json = { issuer, serials: manySerials };
      const answer = await platform.call('POST', '/v1/revocations/check', { token, json });
      expectStatus(200, answer);
      await expectFilterRead(platform, since);
    },
  },
];
