import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DiskRoom } from '../../../sandbox/cloud/disk-room.ts';
import type { LoopbackServer } from '../../../sandbox/cloud/serve-loopback.ts';
import { startDynamoDbGate } from '../../../sandbox/cloud/start-dynamodb-gate.ts';

let free = 5_000_000;
const told: string[] = [];
const room = new DiskRoom(
  '/data',
  (line) => told.push(line),
  () => free,
);

describe('the room on the disk of the tables', () => {
  it('is reported once when exhausted and once when available again', () => {
    expect(room.shortage(0)).toBeUndefined();
    free = 1_000_000;
    // It is not asked for at every request.
    expect(room.shortage(100)).toBeUndefined();
    expect(room.shortage(500)).toMatch(/^free some space: the disk of \/data is full/);
    expect(room.shortage(1_000)).toBeDefined();
    free = 2_000_000;
    expect(room.shortage(1_500)).toBeUndefined();
    expect(told).toEqual([
      expect.stringMatching(/^free some space/),
      'the disk of /data has room again',
    ]);
  });
});

describe('the door of the tables, while the disk is full', () => {
  let engine: Server;
  let gate: LoopbackServer;
  beforeAll(async () => {
    engine = createServer((_, response) => response.end('{}'));
    await new Promise<void>((done) => engine.listen(0, '127.0.0.1', done));
    const endpoint = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
    gate = await startDynamoDbGate({
      address: async () => ({ endpoint, accessKeyId: 'KEY' }),
      shortage: () => 'free some space',
      iam: { authenticate: () => ({}), authorize: () => {} } as never,
      environment: { account: '000000000000', region: 'ap-northeast-1' },
    });
  });
  afterAll(async () => {
    await gate.close();
    engine.closeAllConnections();
    engine.close();
  });

  it.each([
    ['GetItem', 200],
    ['Query', 200],
    ['PutItem', 500],
    ['BatchWriteItem', 500],
    ['TransactWriteItems', 500],
    ['UpdateItem', 500],
    ['DeleteItem', 500],
  ])('answers %s with %i', async (operation, status) => {
    const answer = await fetch(gate.url, {
      method: 'POST',
      headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` },
      body: JSON.stringify({ TableName: 'links', TransactItems: [], RequestItems: {} }),
    });
    expect(answer.status).toBe(status);
    const { message } = (await answer.json()) as { message?: string };
    expect(message).toBe(status === 500 ? 'free some space' : undefined);
  });
});
