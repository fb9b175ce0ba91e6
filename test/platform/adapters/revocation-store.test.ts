import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BatchWriteItemCommand, ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ingestCrl } from '../../../lambdas/crl-store/ingest/ingest-crl.ts';
import type { ListRecords } from '../../../lambdas/crl-store/lookup/list-sources.ts';
import type { ListWriter } from '../../../lambdas/crl-store/ingest/list-writer.ts';
import type { StoredLists } from '../../../lambdas/crl-store/lookup/stored-lists.ts';
import { integer } from '../../../sandbox/pki/der-writer.ts';
import {
  createBucket,
  createTable,
  localDynamoDb,
  localS3,
} from '../../../sandbox/cloud/local-clients.ts';
import { startDynamoDb, type DynamoDb } from '../../../sandbox/cloud/start-dynamodb.ts';
import { startS3, type S3 } from '../../../sandbox/cloud/start-s3.ts';
import {
  buildList,
  createAuthority,
  fullSource,
  inChunks,
  issuerKeyIdFor,
  now,
  rulesFor,
  someEntries,
} from '../../crl-store/list-fixtures.ts';
import { MemoryLists } from '../../../lambdas/platform/adapters/memory/memory-lists.ts';
import { countingClient, openStore, throttlingClient } from './revocation-tables.ts';

let dynamoDb: DynamoDb;
let s3: S3;
let client: DynamoDBClient;
let objects: S3Client;

beforeAll(async () => {
  [dynamoDb, s3] = await Promise.all([startDynamoDb({ heapMb: 512 }), startS3()]);
  client = localDynamoDb(dynamoDb.endpoint);
  objects = localS3(s3.endpoint);
  await createBucket(objects, 'revocation');
}, 40_000);

afterAll(async () => {
  client.destroy();
  objects.destroy();
  await Promise.all([dynamoDb.close(), s3.close()]);
});

let tables = 0;
async function freshTable(): Promise<string> {
  const table = `revocation-${++tables}`;
  await createTable(client, table);
  return table;
}

const authority = createAuthority('ua-2023');
const rules = rulesFor(authority);
const source = fullSource(authority);
const scope = { issuerKeyId: issuerKeyIdFor(authority), scope: 'full' };
const listOf = (crlNumber: number, count: number, first?: number): Buffer =>
  buildList(authority, { crlNumber, entries: someEntries(count, first) });
const ingest = (writer: ListWriter, list: Uint8Array) =>
  ingestCrl(inChunks(list), [source], { rules, writer, now });
const octets = (serial: number): Uint8Array => integer(serial).subarray(2);

/** What every store of lists must do; run against memory and against DynamoDB and S3. */
describe.each([
  [
    'in memory',
    async () => {
      const lists: StoredLists & ListRecords & ListWriter = new MemoryLists();
      return { lists, writer: lists };
    },
  ],
  [
    'in DynamoDB and S3',
    async () => openStore(client, objects, await freshTable(), () => Math.random() * 1e12),
  ],
] as const)('a store of lists %s', (_, open) => {
  it('has nothing at first', async () => {
    const { lists, writer } = await open();
    expect(await lists.current(scope)).toBeUndefined();
    expect(await writer.serving(scope)).toBeUndefined();
    expect(await lists.all()).toEqual([]);
    expect(await lists.attempts()).toEqual([]);
  });

  it('serves a list of 100,000 entries exactly', async () => {
    const { lists, writer } = await open();
    const { generation } = await ingest(writer, listOf(10, 100_000));
    expect(await lists.current(scope)).toEqual(generation);
    const asked = Array.from({ length: 5_000 }, (_, n) => 0x0100_0000 + n * 37);
    const found = await lists.lookup((await lists.current(scope))!, asked.map(octets));
    for (const [n, serial] of asked.entries()) {
      const listed = serial % 2 === 0 && serial < 0x0100_0000 + 200_000;
      expect([serial, found[n] !== undefined]).toEqual([serial, listed]);
    }
    const [one] = await lists.lookup(generation, [octets(0x0100_0002)]);
    expect(one).toEqual({ revokedAt: now - 86_400_000 - 60_000, reason: 'keyCompromise' });
  });

  it('switches forward only', async () => {
    const { lists, writer } = await open();
    const { generation } = await ingest(writer, listOf(10, 3));
    const other = { ...generation, generationId: 'other' };
    const later = generation.thisUpdate + 1;
    for (const backwards of [
      { ...other },
      { ...other, crlNumber: '9', thisUpdate: later },
      { ...other, crlNumber: '11', thisUpdate: generation.thisUpdate - 1 },
    ]) {
      expect(await writer.switchTo(backwards)).toBe('backwards');
    }
    expect(await lists.all()).toEqual([generation]);
    // 9 before 10, and 10 before 100: by number, not by text.
    expect(await writer.switchTo({ ...other, crlNumber: '100' })).toBe('switched');
  });

  it('hands a layer out again, whole', async () => {
    const { writer } = await open();
    const { generation } = await ingest(writer, listOf(10, 2_000));
    let entries = 0;
    for await (const entry of writer.entriesOf(generation.layers[0]!)) {
      expect(entry.serial).toHaveLength(4);
      entries++;
    }
    expect(entries).toBe(2_000);
  });

  it('remembers the last attempt of each source', async () => {
    const { lists, writer } = await open();
    await writer.recordAttempt({ sourceId: 'a', at: 1, outcome: 'switched', crlNumber: '1' });
    await writer.recordAttempt({ sourceId: 'a', at: 2, outcome: 'refused', code: 'crl-stale' });
    expect(await lists.attempts()).toEqual([
      { sourceId: 'a', at: 2, outcome: 'refused', code: 'crl-stale' },
    ]);
  });
});

describe('the store in DynamoDB', () => {
  it('charges what docs/scale.md says', async () => {
    const { client: counting, charged } = countingClient(client);
    const { writer, lists } = openStore(counting, objects, await freshTable());
    const { generation } = await ingest(writer, listOf(10, 100_000));
    const { pages } = generation.layers[0]!.layout;
    expect(pages).toBe(262);
    // Four units a page of up to 4 KB; the pointer and its check are one call each.
    expect(charged.writeUnits).toBeLessThanOrEqual(4 * (pages + 1) + 2);
    expect(charged.writeUnits).toBeGreaterThan(3.5 * pages);
    expect(charged.calls['BatchWriteItemCommand']).toBe(Math.ceil(pages / 25));
    expect(charged.calls['PutItemCommand']).toBe(1);
    expect(charged.calls['GetItemCommand']).toBe(2);
    const before = charged.readUnits;
    await lists.lookup(generation, [octets(0x0100_0002)]);
    // One page of 4 KB, eventually consistent: half a unit.
    expect(charged.readUnits - before).toBe(0.5);
  });

  it('spends no reads on serials that the filter clears', async () => {
    const { client: counting, charged } = countingClient(client);
    const table = await freshTable();
    const { generation } = await ingest(
      openStore(client, objects, table).writer,
      listOf(10, 50_000),
    );
    const { lists } = openStore(counting, objects, table);
    const clear = Array.from({ length: 10_000 }, (_, n) => octets(0x4000_0000 + n));
    expect((await lists.lookup(generation, clear)).every((entry) => entry === undefined)).toBe(
      true,
    );
    expect(charged.readUnits).toBeLessThan((10_000 / 256) * 2 * 0.5);
  });

  it('answers the same with a damaged filter, and reports why it could not be read', async () => {
    const table = await freshTable();
    const { generation } = await ingest(
      openStore(client, objects, table).writer,
      listOf(10, 2_000),
    );
    const asked = Array.from({ length: 1_000 }, (_, n) => octets(0x0100_0000 + n));
    const { lists } = openStore(client, objects, table);
    const expected = await lists.lookup(generation, asked);
    const Key = `filters/${generation.layers[0]!.id}`;
    await objects.send(
      new PutObjectCommand({ Bucket: 'revocation', Key, Body: Buffer.alloc(5_000) }),
    );
    const told: unknown[] = [];
    const afresh = openStore(client, objects, table, undefined, (cause) => told.push(cause)).lists;
    expect(await afresh.lookup(generation, asked)).toEqual(expected);
    expect(told).toEqual([
      expect.objectContaining({ message: expect.stringContaining('damaged') }),
    ]);
    expect(expected.filter(Boolean)).toHaveLength(500);
  });

  it('never takes a missing page for "not revoked"', async () => {
    const table = await freshTable();
    const { lists, writer } = openStore(client, objects, table);
    const { generation } = await ingest(writer, listOf(10, 3));
    const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
    const pages = Items.filter(({ page }) => page);
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [table]: pages.map(({ pk, sk }) => ({
            DeleteRequest: { Key: { pk: pk!, sk: sk! } },
          })),
        },
      }),
    );
    await expect(lists.lookup(generation, [octets(5)])).rejects.toMatchObject({
      code: 'dependency-unavailable',
    });
  });

  it('keeps a layer until a day after its nextUpdate', async () => {
    const table = await freshTable();
    const { generation } = await ingest(openStore(client, objects, table).writer, listOf(10, 3));
    const { Items = [] } = await client.send(new ScanCommand({ TableName: table }));
    const page = Items.find((item) => item['page'])!;
    expect(Number(page['expiresAt']!.N)).toBe(generation.nextUpdate / 1000 + 86_400);
  });

  it('completes a list though writes are throttled', async () => {
    const table = await freshTable();
    const throttled = openStore(throttlingClient(client), objects, table);
    const list = listOf(10, 20_000);
    // Every fifth call fails as a whole; only batches are asked again, so the switch may need a second run.
    const run = (): Promise<string> =>
      ingest(throttled.writer, list).then(
        ({ outcome }) => outcome,
        () => run(),
      );
    expect(await run()).toMatch(/switched|unchanged/);
    const { lists } = openStore(client, objects, table);
    const [on, off] = await lists.lookup((await lists.current(scope))!, [
      octets(0x0100_0000 + 2 * 19_999),
      octets(0x0100_0001),
    ]);
    expect(on).toBeDefined();
    expect(off).toBeUndefined();
  });

  it('gives up with its code when throttling does not end', async () => {
    const never = {
      send: (async (command: { input: { RequestItems?: object } }) =>
        command.input.RequestItems
          ? { UnprocessedItems: command.input.RequestItems }
          : {}) as never,
    };
    const { writer } = openStore(never, objects, 'none');
    await expect(ingest(writer, listOf(10, 3))).rejects.toMatchObject({
      code: 'dependency-unavailable',
    });
  });
});

describe('an ingestion that is killed', () => {
  it('at any of twenty places leaves one whole list serving, and the next run completes', async () => {
    const table = await freshTable();
    const count = 12_000;
    await ingest(openStore(client, objects, table).writer, listOf(1, count, 0x0100_0000));
    // List n holds the serials of its own range only: an answer mixed from two lists would show.
    const reading = new AbortController();
    const mixed: string[] = [];
    let answers = 0;
    const reader = async (): Promise<void> => {
      while (!reading.signal.aborted) {
        const { lists } = openStore(client, objects, table);
        const serving = (await lists.current(scope))!;
        const serials = Array.from({ length: 24 }, (_, n) =>
          octets(rangeOf(n + 1) + 2 * ((answers * 31) % count)),
        );
        const found = await lists.lookup(serving, serials);
        const seen = found.flatMap((entry, n) => (entry ? [String(n + 1)] : []));
        if (seen.join() !== serving.crlNumber) mixed.push(`${serving.crlNumber}: ${seen.join()}`);
        answers++;
      }
    };
    const readers = [reader(), reader()];
    let serving = 1;
    for (let place = 0; place < 20; place++) {
      const next = serving + 1;
      const child = spawn(
        process.execPath,
        ['--no-warnings', new URL('./ingest-and-die.ts', import.meta.url).pathname],
        {
          stdio: ['pipe', 'ignore', 'pipe'],
          env: {
            ...process.env,
            DYNAMODB: dynamoDb.endpoint,
            S3: s3.endpoint,
            TABLE: table,
            PLACE: String(place),
            SOURCE: JSON.stringify({ id: source.id, anchorId: source.anchorId, url: source.url }),
            ANCHOR: Buffer.from(authority.anchor.certificate.der).toString('base64'),
          },
        },
      );
      child.stdin.on('error', () => {});
      child.stdin.end(listOf(next, count, rangeOf(next)));
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect([place, code, signal, stderr]).toEqual([place, null, 'SIGKILL', '']);
      const after = Number(
        (await openStore(client, objects, table).lists.current(scope))!.crlNumber,
      );
      expect([serving, next]).toContain(after);
      serving = after;
    }
    const last = serving + 1;
    const { outcome } = await ingest(
      openStore(client, objects, table).writer,
      listOf(last, count, rangeOf(last)),
    );
    reading.abort();
    await Promise.all(readers);
    expect(outcome).toBe('switched');
    expect(mixed).toEqual([]);
    expect(answers).toBeGreaterThan(20);
  }, 120_000);
});

const rangeOf = (crlNumber: number): number => 0x0100_0000 * crlNumber;
