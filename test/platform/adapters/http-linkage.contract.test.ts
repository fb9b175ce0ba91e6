import { afterAll, beforeAll, describe } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { httpLinkage } from '../../../lambdas/platform/adapters/linkage/http-linkage.ts';
import { linkageContract, type LinkageUnderTest } from './linkage.contract.ts';

const issuerKeyId = 'a'.repeat(64);
const reference = (serial: string) => ({ issuerKeyId, serial: Buffer.from(serial, 'hex') });
const wire = (serial: string) => ({ issuerKeyId, serial });

/** By path and serial: 01 is the first, 02 renewed it, 03 stands beside it. */
const answers: Readonly<Record<string, object>> = {
  '/renewals 01': { predecessor: null },
  '/renewals 02': { predecessor: wire('01') },
  '/renewals 03': { predecessor: wire('01'), relation: 'beside' },
  '/signature-certificates 01': { signature: null, reason: 'not-issued' },
  '/signature-certificates 02': { signature: wire('05') },
};

let server: Server;
let state: Parameters<LinkageUnderTest['become']>[0] = 'running';
beforeAll(async () => {
  server = createServer((request, response) => {
    void json(request).then((body) => {
      if (state === 'gone') request.socket.destroy();
      if (state === 'garbled') response.end('{"predecessor":');
      if (state !== 'running' && state !== 'failing') return;
      const answer = answers[`${request.url} ${(body as { serial: string }).serial}`];
      response.statusCode = state === 'failing' ? 500 : answer === undefined ? 404 : 200;
      response.end(JSON.stringify(answer ?? {}));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('the adapter over HTTP', () =>
  linkageContract(() => ({
    linkage: httpLinkage(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    first: reference('01'),
    renewed: reference('02'),
    signature: reference('05'),
    beside: reference('03'),
    unknown: reference('09'),
    become: async (next) => void (state = next),
  })));
