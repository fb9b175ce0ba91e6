import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { parseArgs } from 'node:util';
import { pageKey } from '../lambdas/platform/adapters/dynamodb/crl-store/item-layout.ts';
import { listWriterOver } from '../lambdas/platform/adapters/dynamodb/crl-store/open-crl-store.ts';
import { storedListsOver } from '../lambdas/platform/adapters/dynamodb/crl-store/stored-lists-over.ts';
import { FilterStore } from '../lambdas/platform/adapters/s3/filter-store.ts';
import { buildShards, layoutOf } from '../lambdas/crl-store/format/build-pages.ts';
import { bulkCheck } from '../lambdas/crl-store/lookup/bulk-check.ts';
import { pageOf, placementHash, shardBitsFor } from '../lambdas/crl-store/format/page-layout.ts';
import { RevocationIndex } from '../lambdas/crl-store/format/revocation-index.ts';
import type { StoredGeneration } from '../lambdas/crl-store/lookup/stored-generation.ts';
import type { TrustProfile } from '../lambdas/pki/trust-profile.ts';
import { parseCertificate } from '../lambdas/pki/x509/certificate.ts';
import { issuerKeyIdOf } from '../lambdas/pki/x509/issuer-key-id.ts';
import { revocationsHandler } from '../lambdas/capabilities/revocation-checks/handler.ts';
import { RecentSerials } from '../lambdas/capabilities/revocation-checks/recent-serials.ts';
import { bulkCheckJson } from '../lambdas/platform/http/bulk-check-json.ts';
import {
  createBucket,
  createTable,
  localDynamoDb,
  localS3,
} from '../sandbox/cloud/local-clients.ts';
import { startDynamoDb } from '../sandbox/cloud/start-dynamodb.ts';
import { startS3 } from '../sandbox/cloud/start-s3.ts';
import { MemoryLists } from '../lambdas/platform/adapters/memory/memory-lists.ts';
import { measureOverHttp } from './bulk-check-http.ts';
import { createListIssuer, serialAt } from './generate-crl.ts';

const now = Date.now();
const runs = 5;
const asked = 100_000;
/** A million distinct serials are checked; each list entry gives rise to four of them. */
const fewest = 500_000;

const usage = `npm run bench -- bulk-check [--entries N] [--http]

  --entries N  on the list (default 20000000, at least ${fewest})
  --http       through the sandbox: npx mykey crl ingest, a drop into the bucket, then whole HTTP calls`;

/**
 * 2 % of the checked serials are revoked. Every answer is compared with the known content of the
 * list.
 */
export async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      entries: { type: 'string', default: '20000000' },
      http: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const entries = Number(values.entries);
  if (values.help || !(Number.isInteger(entries) && entries >= fewest && entries <= 30e6)) {
    console.log(usage);
    process.exitCode = values.help ? 0 : 64;
    return;
  }
  await (values.http ? measureOverHttp(entries) : measureHere(entries));
}

/**
 * Measures the check in process, the deployed handler over DynamoDB Local and S3, and one read per
 * serial.
 */
async function measureHere(wanted: number): Promise<void> {
  const listed = new Uint8Array(wanted * 4 + 8_000_000);
  const anchor = parseCertificate(createListIssuer(now).certificate);
  const rules = {
    anchors: [{ id: 'bench', kind: 'user-authentication', certificate: anchor }],
    clockSkewMs: 0,
    crlMaxAgeMs: 86_400_000,
  } as const;
  const issuerKeyId = issuerKeyIdOf(anchor);

  const memory = new MemoryLists();
  await memory.switchTo(await loadInto(memory));
  await measureInProcess();
  await measureHandler();

  async function loadInto(store: Pick<MemoryLists, 'writeLayer'>): Promise<StoredGeneration> {
    const index = new RevocationIndex(7, shardBitsFor(wanted * 37));
    const serial = Buffer.alloc(4);
    for (let n = 0; n < wanted; n++) {
      serial.writeUInt32BE(serialAt(n));
      listed[serialAt(n) - serialAt(0)] = 1 + (n % 7);
      index.add(serial, 0, 4, 1_700_000_000 + (n % 1000), n % 7);
    }
    const layout = layoutOf(index);
    const nextUpdate = now + 86_400_000;
    const startedAt = performance.now();
    const layer = await store.writeLayer(
      { id: `l${wanted}`, layout, entries: wanted, crlNumber: '1', nextUpdate },
      buildShards(index, layout),
    );
    console.log(
      `${wanted / 1e6} million entries: ${layout.pages} pages, built and stored in ${seconds(startedAt)} s`,
    );
    return {
      issuerKeyId,
      scope: 'full',
      sourceId: 'bench/full',
      generationId: layer.id,
      crlNumber: '1',
      thisUpdate: now - 1000,
      nextUpdate,
      entries: wanted,
      bytes: 0,
      ingestedAt: now,
      layers: [layer],
    };
  }

  /** Distinct serials, one in fifty of them listed. */
  function question(count: number, salt: number): string[] {
    const serials = new Set<number>();
    for (let n = 0; serials.size < count; n++) {
      const entry = Math.floor(
        (((n * 2_654_435_761 + salt * 97) % 4_294_967_296) / 4_294_967_296) * wanted,
      );
      serials.add(serialAt(entry) + (n % 50 === 0 ? 0 : 1 + (n % 3)));
    }
    return [...serials].map((serial) => serial.toString(16).padStart(8, '0'));
  }

  function wrongAnswers(serials: readonly string[], json: string): number {
    const { notGood } = JSON.parse(json) as {
      notGood: { revoked: { row: number[]; reason: string[] } };
    };
    const names = [
      'unspecified',
      'keyCompromise',
      'cACompromise',
      'affiliationChanged',
      'superseded',
      'cessationOfOperation',
      'certificateHold',
    ];
    const found = new Map(notGood.revoked.row.map((row, i) => [row, notGood.revoked.reason[i]]));
    let wrong = 0;
    for (const [row, serial] of serials.entries()) {
      const mark = listed[Number.parseInt(serial, 16) - serialAt(0)]!;
      const expected = mark === 0 ? undefined : names[mark - 1];
      if (found.get(row) !== expected) wrong++;
    }
    return wrong;
  }

  async function measureInProcess(): Promise<void> {
    const serials = question(1_000_000, 1);
    const times: number[] = [];
    const processorTimes: number[] = [];
    let json = '';
    for (let i = 0; i <= runs; i++) {
      const before = process.cpuUsage();
      const startedAt = performance.now();
      const verdict = await bulkCheck({ issuer: 'bench', serials }, memory, rules, now);
      json = bulkCheckJson(verdict, 'compact', true);
      const { user, system } = process.cpuUsage(before);
      if (i === 0) continue;
      times.push(performance.now() - startedAt);
      processorTimes.push((user + system) / 1000);
    }
    console.log(
      `in process, warm, 1,000,000 serials: ${rate(times)} serials/s, ${rate(processorTimes)} a second of processor time; wrong answers: ${wrongAnswers(serials, json)}`,
    );
  }

  async function measureHandler(): Promise<void> {
    const [dynamoDb, s3] = await Promise.all([startDynamoDb({ heapMb: 3072 }), startS3()]);
    const client = localDynamoDb(dynamoDb.endpoint);
    const objects = localS3(s3.endpoint);
    try {
      await createTable(client, 'bench');
      await createBucket(objects, 'revocation');
      const store = { client, table: 'bench' };
      const writer = listWriterOver(store, objects, 'revocation');
      const lists = storedListsOver(store, { filters: new FilterStore(objects, 'revocation') });
      const generation = await loadInto(writer);
      await writer.switchTo(generation);
      const handler = revocationsHandler(
        {
          lists,
          profile: rules as unknown as TrustProfile,
          // Counting is one more write of DynamoDB Local; measured here is the check.
          quota: { take: async () => true },
          recent: new RecentSerials(),
          identifiersPerDay: Number.MAX_SAFE_INTEGER,
        },
        { publicBaseUrl: 'https://bench.example', log: () => {} },
      );
      const times: number[] = [];
      for (let i = 0; i <= runs; i++) {
        const serials = question(asked, 10 + i);
        const startedAt = performance.now();
        const { statusCode, body } = await handler(eventOf({ issuer: 'bench', serials }), {});
        if (i > 0) times.push(performance.now() - startedAt);
        if (statusCode !== 200 || wrongAnswers(serials, body) > 0) throw new Error('wrong answer');
      }
      const bulkRate = asked / (median(times) / 1000);
      console.log(
        `deployed handler, ${asked.toLocaleString('en')} serials a call: ${Math.round(median(times))} ms median, ${Math.round(bulkRate).toLocaleString('en')} serials/s`,
      );
      const singleRate = await oneReadPerSerial(client, generation);
      console.log(
        `one read per serial, 32 at a time: ${Math.round(singleRate).toLocaleString('en')} serials/s; bulk is ${(bulkRate / singleRate).toFixed(0)} times that`,
      );
    } finally {
      client.destroy();
      objects.destroy();
      await Promise.all([dynamoDb.close(), s3.close()]);
    }
  }

  async function oneReadPerSerial(
    client: ReturnType<typeof localDynamoDb>,
    { layers }: StoredGeneration,
  ): Promise<number> {
    const { id, layout } = layers[0]!;
    const serials = question(5_000, 99).values();
    const startedAt = performance.now();
    const worker = async (): Promise<void> => {
      for (const serial of serials) {
        const octets = Buffer.from(serial, 'hex');
        const page = pageOf(placementHash(layout, octets, 0, octets.length), layout.pages);
        await client.send(new GetItemCommand({ TableName: 'bench', Key: pageKey(id, page, 0) }));
      }
    };
    await Promise.all(Array.from({ length: 32 }, worker));
    return 5_000 / ((performance.now() - startedAt) / 1000);
  }
}

const eventOf = (body: object): APIGatewayProxyEvent =>
  ({
    httpMethod: 'POST',
    resource: '/v1/revocations/check',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: {
      requestId: 'bench',
      authorizer: {
        clientId: 'bench',
        clientKey: 'bench',
        serviceId: 'bench',
        serviceState: 'active',
        serviceType: 'type-2',
        sectorId: 'bench',
        scopes: 'revocations:check revocation-reasons:read',
      },
    },
  }) as unknown as APIGatewayProxyEvent;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

const seconds = (startedAt: number): string => ((performance.now() - startedAt) / 1000).toFixed(1);

/** Milliseconds for a million serials. */
const rate = (ms: readonly number[]): string => Math.round(1e9 / median(ms)).toLocaleString('en');
