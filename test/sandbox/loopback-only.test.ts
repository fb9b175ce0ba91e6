import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'node:http';
import { serveLoopback, type LoopbackServer } from '../../sandbox/cloud/serve-loopback.ts';
import { startJlis, type Jlis } from '../../sandbox/jlis/start-jlis.ts';

let service: LoopbackServer;
let jlis: Jlis;
beforeAll(async () => {
  service = await serveLoopback(async () => ({ status: 200, headers: {}, body: 'served' }));
  jlis = await startJlis({ port: 0 });
}, 60_000);
afterAll(() => Promise.all([service.close(), jlis.close()]));

/** Through node:http, which sends any Host. */
const status = (url: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

const servers = {
  'a service of the cloud': () => service.url,
  'the simulated J-LIS': () => `${jlis.url}/control/clock`,
};

describe.each(Object.keys(servers) as (keyof typeof servers)[])('%s', (name) => {
  it.each(['localhost', '127.0.0.1:1234', '[::1]:80'])('serves requests to %s', async (host) => {
    expect(await status(servers[name](), { host })).toBe(200);
  });

  it('refuses a name that was pointed at this machine (DNS rebinding)', async () => {
    for (const host of ['evil.example', 'localhost.evil.example:80', '127.0.0.1.evil.example'])
      expect(await status(servers[name](), { host })).toBe(403);
  });

  it('refuses what a page of another site sends', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example'])
      expect(await status(servers[name](), { origin })).toBe(403);
  });
});
