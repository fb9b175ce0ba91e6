import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { run } from '../../cli/service.ts';
import { nameClient, writeNewKey } from '../../cli/new-key.ts';

interface Creation {
  readonly key: IncomingMessage['headers'][string];
  readonly body: string;
}

let folder: string;
let server: Server;
const creations: Creation[] = [];
/** So many creations get no answer: the connection ends behind the request. */
let unanswered = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  response.setHeader('content-type', 'application/json');
  if (request.url === '/oauth2/token') {
    response.end(JSON.stringify({ access_token: 'token', expires_in: 300 }));
    return;
  }
  creations.push({ key: request.headers['idempotency-key'], body });
  if (unanswered > 0) {
    unanswered -= 1;
    response.destroy();
    return;
  }
  response.writeHead(201).end(JSON.stringify({ serviceId: 'svc_1', name: 'Desk' }));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'my-key-service-'));
  await writeNewKey(join(folder, 'operator.jwk'), 'ES256');
  await nameClient(join(folder, 'operator.jwk'), 'cli_operator');
  writeFileSync(join(folder, 'set.json'), JSON.stringify({ keys: [], proofs: [] }));
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function register(serviceName: string): Promise<number> {
  const quiet = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error')];
  for (const spy of quiet) spy.mockImplementation(() => {});
  const { port } = server.address() as AddressInfo;
  const who = ['--url', `http://127.0.0.1:${port}`, '--key', join(folder, 'operator.jwk')];
  const what = ['--name', serviceName, '--organisation', 'Sunaba City', '--type', 'type2'];
  const code = await run(['register', ...who, ...what, '--jwks', join(folder, 'set.json')]);
  for (const spy of quiet) spy.mockRestore();
  return code;
}

it('repeats a registration without an answer under one key, in the command and after it', async () => {
  unanswered = 1;
  expect(await register('Desk')).toBe(0);
  expect(creations).toHaveLength(2);
  unanswered = 2;
  expect(await register('Desk')).toBe(69);
  expect(await register('Desk')).toBe(0);
  expect(creations).toHaveLength(5);
  const [first] = creations;
  expect(first!.key).toMatch(/^[\w-]{43}$/);
  for (const creation of creations) expect(creation).toEqual(first);
});

it('takes another key for another request', async () => {
  expect(await register('Counter')).toBe(0);
  const keys = new Set(creations.map(({ key }) => key));
  expect(keys.size).toBe(2);
});
