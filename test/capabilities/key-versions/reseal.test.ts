import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { nameClient, writeNewKey } from '../../../cli/new-key.ts';
import { run } from '../../../cli/reseal.ts';
import { keyVersionsHandler } from '../../../lambdas/capabilities/key-versions/handler.ts';
import type { Service } from '../../../lambdas/capabilities/services/service.ts';
import { raiseFlag } from '../../../lambdas/people/flags.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import { awaitUserNumber } from '../../../lambdas/people/links.ts';
import { versionOf } from '../../../lambdas/people/seal.ts';
import { dynamoIdentityStore } from '../../../lambdas/platform/adapters/dynamodb/identity-store.ts';
import { labelledKeys } from '../../fakes/identity-keys.ts';
import { a, b, certificate, linkageOf, now, portsWith } from '../../people/scene.ts';
import { startTables } from '../../../sandbox/cloud/start-tables.ts';
import { baseUrl, eventFor, operatorCaller } from '../gateway-event.ts';

const persons = 4;
const serials = Array.from({ length: 2 * persons }, (_, index) => index + 1);
/** The odd serials are persons, the even ones their phones. */
const phones = Object.fromEntries(
  serials.filter((serial) => serial % 2 === 0).map((serial) => [serial, { beside: serial - 1 }]),
);

let engine: Awaited<ReturnType<typeof startTables>>;
let server: Server;
let folder: string;
/** The platform answers so many calls more. */
let answers = Infinity;
let deployedVersion = 1;
/** How often the time was looked at. */
let looks = 0;

const linkage = linkageOf(phones);
const portsAt = (version: number) =>
  portsWith({
    linkage,
    keys: labelledKeys(version),
    store: dynamoIdentityStore(engine.client, 'identity'),
  });
const services = ['svc_b'].map((serviceId) => ({ serviceId }) as Service);

const handlerAt = (version: number) =>
  keyVersionsHandler(
    () => ({
      ...portsAt(version),
      // Each call does little, so that there are several to interrupt.
      timeIsUp: () => (looks += 1) % 90 === 0,
      services: {
        list: async (after) => {
          const from = services.findIndex(({ serviceId }) => serviceId === after) + 1;
          const next = services[from + 1] && services[from]!.serviceId;
          return { services: services.slice(from, from + 1), ...(next && { next }) };
        },
      },
    }),
    { publicBaseUrl: baseUrl, log: () => {} },
  );

const call = async (version: number, body: unknown) => {
  const event = eventFor('reseal-records', { body, caller: operatorCaller });
  const result = await handlerAt(version)(event, {});
  return { status: result.statusCode, body: JSON.parse(result.body) as { next?: string } };
};

beforeAll(async () => {
  engine = await startTables('identity');
  folder = mkdtempSync(join(tmpdir(), 'my-key-reseal-'));
  await writeNewKey(join(folder, 'operator.jwk'), 'ES256');
  await nameClient(join(folder, 'operator.jwk'), 'operator');
  server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      response.setHeader('content-type', 'application/json');
      if (request.url === '/oauth2/token') {
        return response.end(JSON.stringify({ access_token: 'token', expires_in: 300 }));
      }
      if (answers-- <= 0) return response.destroy();
      const answer = await call(deployedVersion, JSON.parse(body));
      return response.writeHead(answer.status).end(JSON.stringify(answer.body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}, 60_000);
afterAll(async () => {
  await new Promise((resolve) => server?.close(resolve));
  rmSync(folder, { recursive: true });
  await engine.close();
});

async function mykeyReseal(...more: readonly string[]): Promise<{ code: number; output: string }> {
  const output: string[] = [];
  const spies = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error')];
  for (const spy of spies) spy.mockImplementation((line) => void output.push(String(line)));
  const { port } = server.address() as AddressInfo;
  const who = ['--url', `http://127.0.0.1:${port}`, '--key', join(folder, 'operator.jwk')];
  const code = await run([...who, '--state', join(folder, 'state.json'), ...more]);
  for (const spy of spies) spy.mockRestore();
  return { code, output: output.join('\n') };
}

async function logInAll(version: number): Promise<readonly string[]> {
  const ppids: string[] = [];
  for (const service of [a, b]) {
    for (const serial of serials) {
      ppids.push(await identifyPerson(certificate(serial), service, portsAt(version)));
    }
  }
  return ppids;
}

async function versionsInTable(): Promise<ReadonlySet<number>> {
  const { records } = await dynamoIdentityStore(engine.client, 'identity').scan();
  return new Set(
    records.flatMap(({ sealed, owner }) => [sealed, ...(owner ? [owner] : [])].map(versionOf)),
  );
}

describe('a new key version in DynamoDB, by npx mykey reseal', () => {
  it('is complete after interruptions at any call, and every person keeps their PPIDs', async () => {
    const before = await logInAll(1);
    await raiseFlag(portsAt(1), {
      kind: 'predecessor-of-another-subject',
      subjects: ['x', 'y'],
      seenAt: now,
    });
    for (let number = 0; number < 5; number++) {
      await awaitUserNumber(portsAt(1), 'svc_b', `10${number}`);
    }
    deployedVersion = 2;
    answers = 3;
    expect((await mykeyReseal('--segments', '2')).code).toBe(69);
    const state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as object;
    expect(state).toMatchObject({ pass: 1, keyVersion: 2 });
    expect(await logInAll(2)).toEqual(before);

    answers = Infinity;
    const { code, output } = await mykeyReseal('--segments', '2');
    expect([code, output]).toEqual([
      0,
      expect.stringContaining('no record needs a version before 2'),
    ]);
    expect(output).toMatch(/pass 2: 4 persons, 0 records/);
    expect(await versionsInTable()).toEqual(new Set([2]));
    expect(await logInAll(3)).toEqual(before);
    expect(await awaitUserNumber(portsAt(3), 'svc_b', '104')).toBe('unchanged');
  }, 120_000);

  it('refuses a cursor of another part, of another key version, and one that is made up', async () => {
    const whole = { part: 'waiting-numbers' };
    const { next } = (await call(2, whole)).body;
    expect(next).toEqual(expect.any(String));
    for (const [version, body] of [
      [2, { part: 'records', segment: 0, segments: 1, cursor: next }],
      [3, { ...whole, cursor: next }],
      [2, { ...whole, cursor: 'AAAA' }],
    ] as const) {
      expect((await call(version, body)).status).toBe(400);
    }
    expect((await call(2, { ...whole, cursor: next })).status).toBe(200);
  });
});
