import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { dynamoAssertionStore } from '../../../../lambdas/platform/adapters/dynamodb/assertion-store.ts';
import { dynamoIdentityStore } from '../../../../lambdas/platform/adapters/dynamodb/identity-store.ts';
import { dynamoUsedChallenges } from '../../../../lambdas/platform/adapters/dynamodb/used-challenges.ts';
import { StoredListWriter } from '../../../../lambdas/platform/adapters/dynamodb/crl-store/stored-list-writer.ts';
import type { StoredGeneration } from '../../../../lambdas/crl-store/lookup/stored-generation.ts';
import { startTables } from '../../../../sandbox/cloud/start-tables.ts';

let engine: Awaited<ReturnType<typeof startTables>>;
let client: DynamoDBDocumentClient;
let losing: DynamoDBClient;
/** Writes whose answer is still to be lost on the way; the SDK then tries again. */
let toLose = 0;
beforeAll(async () => {
  engine = await startTables('sessions', 'identity', 'revocation');
  const { endpoint, region, credentials } = engine.client.config;
  losing = new DynamoDBClient({ endpoint: endpoint!, region, credentials, maxAttempts: 3 });
  losing.middlewareStack.add(
    (next) => async (input) => {
      const answer = await next(input);
      if (toLose === 0) return answer;
      toLose -= 1;
      throw Object.assign(new Error('the answer was lost'), { name: 'TimeoutError' });
    },
    { step: 'deserialize', priority: 'high' },
  );
  client = DynamoDBDocumentClient.from(losing);
}, 60_000);
afterAll(async () => {
  client.destroy();
  await engine.close();
});

const fresh = (): string => randomBytes(12).toString('hex');
const content = (pk: string, octet: number) => ({ pk, sk: 'R', sealed: Uint8Array.of(octet) });

describe('a write whose answer was lost, twice', () => {
  it('of a challenge is its first use still', async () => {
    const store = dynamoUsedChallenges(client, 'sessions');
    const challenge = { nonce: fresh(), expiresAt: Date.now() };
    toLose = 2;
    expect(await store.use(challenge, 'this request')).toBe(true);
    expect(toLose).toBe(0);
    expect(await store.use(challenge, 'another')).toBe(false);
  });

  it('of a client assertion is its first use still', async () => {
    const store = dynamoAssertionStore(client, 'sessions');
    const jti = fresh();
    toLose = 2;
    expect(await store.firstUse('cli_a', jti, Date.now() + 60_000, Date.now())).toBe(true);
    expect(toLose).toBe(0);
    expect(await store.firstUse('cli_a', jti, Date.now() + 60_000, Date.now())).toBe(false);
  });

  it('of the switch to a list is done, and not taken for a step backwards', async () => {
    const store = { client: losing, table: 'revocation' };
    // Only the pointer is written here: pages and filters are not needed.
    const writer = new StoredListWriter(
      store,
      undefined as never,
      undefined as never,
      undefined as never,
    );
    const generation: StoredGeneration = {
      issuerKeyId: fresh(),
      scope: 'full',
      generationId: 'first',
      crlNumber: '7',
      thisUpdate: 1_000,
      nextUpdate: 2_000,
      layers: [],
    } as unknown as StoredGeneration;
    toLose = 2;
    expect([await writer.switchTo(generation), toLose]).toEqual(['switched', 0]);
    const other = { ...generation, generationId: 'other' };
    expect(await writer.switchTo(other)).toBe('backwards');
    toLose = 2;
    const next = { ...other, crlNumber: '8' };
    expect([await writer.switchTo(next), toLose]).toEqual(['switched', 0]);
    expect(await writer.serving(generation)).toEqual(next);
  });

  it.each([
    ['alone', 1],
    ['in a transaction', 2],
  ])('of an identity record, %s, is done', async (_, records) => {
    const store = dynamoIdentityStore(client, 'identity');
    const names = Array.from({ length: records }, fresh);
    toLose = 2;
    const create = names.map((pk) => ({ change: 'create', record: content(pk, 1) }) as const);
    expect([await store.write(create), toLose]).toEqual([true, 0]);
    expect(await store.write(create)).toBe(false);
    const read = await Promise.all(names.map((pk) => store.read({ pk, sk: 'R' })));
    toLose = 2;
    const replace = read.map(
      (found) => ({ change: 'replace', record: content(found!.pk, 2), was: found!.token }) as const,
    );
    expect([await store.write(replace), toLose]).toEqual([true, 0]);
    expect(await store.write(replace)).toBe(false);
    const again = await Promise.all(names.map((pk) => store.read({ pk, sk: 'R' })));
    toLose = 2;
    const remove = again.map(
      (found) => ({ change: 'delete', key: found!, was: found!.token }) as const,
    );
    expect([await store.write(remove), toLose]).toEqual([true, 0]);
  });
});
