import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { openClientKey } from '../../sandbox/client-key-file.ts';
import { registerClient } from '../../sandbox/register-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'my-key-register-'));
const registrations: { key: unknown; body: string }[] = [];
let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/oauth2/token') return response.end('{"access_token":"t"}');
    return void text(request).then((body) => {
      registrations.push({ key: request.headers['idempotency-key'], body });
      // The first answer is lost: the sandbox was killed meanwhile.
      if (registrations.length === 1) return response.destroy();
      return response.writeHead(201).end('{"serviceId":"svc_a","clients":[{"clientId":"cli_a"}]}');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

it('registers the ready-made service by the same request after a start that was cut off', async () => {
  const { port } = server.address() as AddressInfo;
  let now = Date.UTC(2026, 10, 27);
  const platform = { apiUrl: `http://127.0.0.1:${port}`, now: () => now };
  const operator = { clientId: 'operator', ...openClientKey(join(folder, 'operator.jwk')) };
  await expect(registerClient(platform, operator, folder)).rejects.toThrow('fetch failed');
  now += 60_000;
  const { clientId } = await registerClient(platform, operator, folder);
  expect(clientId).toBe('cli_a');
  expect(registrations).toHaveLength(2);
  expect(registrations[1]).toEqual(registrations[0]);
  expect(readdirSync(folder).toSorted()).toEqual(['client.json', 'client.jwk', 'operator.jwk']);
});
