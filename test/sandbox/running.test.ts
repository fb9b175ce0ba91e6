import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findRunning,
  forgetRunning,
  rememberRunning,
  type RunningSandbox,
} from '../../sandbox/running.ts';

let folder: string;
let servers: Server[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mykey-running-'));
  servers = [];
});
afterEach(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(folder, { recursive: true });
});

/** A process that answers /v1/status with this status, at a free port. */
async function start(status = 200, pid = process.pid): Promise<RunningSandbox> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/v1/status' ? status : 404).end('{}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiUrl = `http://localhost:${(server.address() as AddressInfo).port}`;
  const key = { clientId: 'cli_a', keyFile: 'key.jwk' };
  const sandbox: RunningSandbox = {
    pid,
    apiUrl,
    jlisUrl: apiUrl,
    lambdaEndpoint: apiUrl,
    aws: { accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' },
    operator: key,
    client: key,
  };
  rememberRunning(sandbox, folder);
  return sandbox;
}

describe('a sandbox that runs', () => {
  it('is found at whatever port, without and with its URL', async () => {
    expect(await findRunning(undefined, folder)).toBeUndefined();
    const sandbox = await start();
    expect(await findRunning(undefined, folder)).toEqual(sandbox);
    expect(await findRunning(sandbox.apiUrl, folder)).toEqual(sandbox);
    const numbers = sandbox.apiUrl.replace('localhost', '127.0.0.1');
    expect(await findRunning(`${numbers}/`, folder)).toEqual(sandbox);
  });

  it('is found while it reports an outage', async () => {
    const sandbox = await start(503);
    expect(await findRunning(undefined, folder)).toEqual(sandbox);
  });

  it('is found behind the records of others that are gone', async () => {
    writeFileSync(join(folder, '8080.json'), '{"pid":');
    const killed = await start();
    servers[0]!.close();
    servers[0]!.closeAllConnections();
    const sandbox = await start();
    expect(await findRunning(undefined, folder)).toEqual(sandbox);
    expect(await findRunning(killed.apiUrl, folder)).toBeUndefined();
    expect(await findRunning('http://localhost:8080', folder)).toBeUndefined();
  });

  it('is not what now listens at the port of one that was killed', async () => {
    // The largest process id of Linux is 2^22.
    await start(200, 2 ** 22 + 1);
    expect(await findRunning(undefined, folder)).toBeUndefined();
  });

  it('is not what answers otherwise, nor another host at the same port', async () => {
    const { apiUrl } = await start(404);
    expect(await findRunning(apiUrl, folder)).toBeUndefined();
    const { apiUrl: good } = await start();
    const { port } = new URL(good);
    for (const other of [`http://sandbox.example:${port}`, `https://192.0.2.1:${port}`, 'here']) {
      expect(await findRunning(other, folder)).toBeUndefined();
    }
  });

  it('is forgotten when it ends, and its record is for its owner alone', async () => {
    const { apiUrl } = await start();
    const record = join(folder, `${new URL(apiUrl).port}.json`);
    expect(statSync(record).mode & 0o777).toBe(0o600);
    forgetRunning(apiUrl, folder);
    expect(await findRunning(apiUrl, folder)).toBeUndefined();
  });
});
