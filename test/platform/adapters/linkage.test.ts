import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json as readJson } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { httpLinkage } from '../../../lambdas/platform/adapters/linkage/http-linkage.ts';
import { stopwatch } from '../../../lambdas/platform/adapters/stopwatch.ts';
import type { Linkage } from '../../../lambdas/people/linkage.ts';
import type { LinkageBudget } from '../../../lambdas/people/linkage-budget.ts';
import { identifyPerson } from '../../../lambdas/people/identify-person.ts';
import { labelledKeys, labelledPpidMac } from '../../fakes/identity-keys.ts';
import { memoryIdentityStore } from '../../fakes/memory-identity-store.ts';

const reference = { issuerKeyId: 'a'.repeat(64), serial: Uint8Array.of(0x01, 0x02) };
const answering = (status: number, body: string) =>
  httpLinkage('http://linkage.example/', async () => new Response(body, { status }));
const json = (value: unknown) => answering(200, JSON.stringify(value));

describe('the linkage service over HTTP', () => {
  it('is asked with issuer key id and serial in hex', async () => {
    let asked: unknown;
    const linkage = httpLinkage('http://linkage.example/', (async (
      url: string,
      init: RequestInit,
    ) => {
      asked = [url, init.method, JSON.parse(init.body as string)];
      return new Response('{"predecessor":null}');
    }) as never);
    expect(await linkage.predecessorOf(reference, 1_000)).toBeUndefined();
    expect(asked).toEqual([
      'http://linkage.example/renewals',
      'POST',
      { issuerKeyId: 'a'.repeat(64), serial: '0102' },
    ]);
  });

  it('returns the predecessor and the signature certificate', async () => {
    const wire = { issuerKeyId: 'b'.repeat(64), serial: '00ff' };
    const linked = { issuerKeyId: 'b'.repeat(64), serial: Buffer.of(0x00, 0xff) };
    expect(await json({ predecessor: wire }).predecessorOf(reference, 1_000)).toEqual({
      reference: linked,
      relation: 'renewed',
    });
    expect(
      await json({ predecessor: wire, relation: 'beside' }).predecessorOf(reference, 1_000),
    ).toEqual({ reference: linked, relation: 'beside' });
    expect(await json({ signature: wire }).signatureCertificateOf(reference, 1_000)).toEqual({
      reference: linked,
    });
    const signature = { ...wire, distributionPoint: 'oA4=' };
    // SHA-256 of the two octets a0 0e, computed by `printf '\xa0\x0e' | sha256sum`.
    const listScope = '71276bce544c4716fb126099f0520b885b2c6cc0fb5fe3e8d09ccdbafb9ba1c4';
    expect(await json({ signature }).signatureCertificateOf(reference, 1_000)).toEqual({
      reference: { ...linked, listScope },
    });
    for (const distributionPoint of [7, '', 'oA4', null, 'x y=']) {
      await expect(
        json({ signature: { ...wire, distributionPoint } }).signatureCertificateOf(
          reference,
          1_000,
        ),
      ).rejects.toMatchObject({ code: 'linkage-unavailable' });
    }
    expect(
      await json({ signature: null, reason: 'not-issued' }).signatureCertificateOf(
        reference,
        1_000,
      ),
    ).toEqual({
      reference: undefined,
      reason: 'not-issued',
    });
  });

  it('follows no redirect: another address would be asked about a serial', async () => {
    let followed = 0;
    const server = createServer((request, response) => {
      if (request.url === '/elsewhere') followed += 1;
      response
        .writeHead(request.url === '/elsewhere' ? 200 : 307, { location: '/elsewhere' })
        .end('{"predecessor":null}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const linkage = httpLinkage(`http://127.0.0.1:${port}/`);
      await expect(linkage.predecessorOf(reference, 2_000)).rejects.toMatchObject({
        code: 'linkage-unavailable',
      });
      expect(followed).toBe(0);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it.each([
    ['an unknown certificate', answering(404, '{}')],
    ['an error', answering(500, '')],
    ['no JSON', answering(200, '<html>')],
    ['no member', json({})],
    [
      'a serial that is none',
      json({ predecessor: { issuerKeyId: 'b'.repeat(64), serial: 'xyz' } }),
    ],
    [
      'an unknown relation',
      json({ predecessor: { issuerKeyId: 'b'.repeat(64), serial: '01' }, relation: 'cousin' }),
    ],
    ['an endless answer', answering(200, `{"predecessor":null,"x":"${'x'.repeat(5000)}"}`)],
    [
      'no connection',
      httpLinkage('http://linkage.example', async () => {
        throw new TypeError('fetch failed');
      }),
    ],
  ])('is unavailable, never "no predecessor", for %s', async (_, linkage) => {
    await expect(linkage.predecessorOf(reference, 1_000)).rejects.toMatchObject({
      code: 'linkage-unavailable',
    });
  });
});

describe('a linkage service that is slow at everything', () => {
  const budget = { totalMs: 800, stepMs: 500, latestMs: 10_000 };
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  /** Every certificate renewed the one of the serial below, down to 1; each answer takes `delayMs`. */
  async function slow(delayMs: number, answer = predecessorAnswer) {
    const asked: number[] = [];
    server = createServer((request, response) => {
      void readJson(request).then(async (body) => {
        const serial = Number.parseInt((body as { serial: string }).serial, 16);
        asked.push(serial);
        await delay(delayMs);
        answer(response, serial);
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    return { linkage: httpLinkage(`http://127.0.0.1:${port}`), asked };
  }

  it('is unavailable once the time for the whole line is spent, and nothing is minted', async () => {
    const here = taking(100, budget);
    await expect(identifyPerson(certificate(16), service, here)).rejects.toMatchObject({
      code: 'linkage-unavailable',
    });
    // Never more than a step's time, and never more than is left of the whole.
    expect(here.granted).toEqual([500, 500, 500, 500, 400, 300, 200, 100]);
    expect(here.filed()).toBe(0);
  });

  it('is waited for as long as the line fits into that time', async () => {
    const here = taking(100, budget);
    expect(await identifyPerson(certificate(8), service, here)).toMatch(/^[a-z2-7]{32}$/);
    expect([here.granted.length, here.filed()]).toEqual([8, 8]);
  });

  it('has less time where the request has already waited elsewhere', async () => {
    const { linkage, asked } = await slow(100);
    const here = { ...dependencies(linkage, budget), elapsedMs: () => 10_000 };
    await expect(identifyPerson(certificate(1), service, here)).rejects.toMatchObject({
      code: 'linkage-unavailable',
    });
    expect(asked).toEqual([]);
  });

  it('is given up in the middle of an answer that never ends', async () => {
    const { linkage } = await slow(0, (response) => {
      response.writeHead(200).write('{"predecessor":');
    });
    const here = dependencies(linkage, budget);
    await expect(identifyPerson(certificate(1), service, here)).rejects.toMatchObject({
      code: 'linkage-unavailable',
    });
    expect(here.elapsedMs()).toBeLessThan(800);
  });
});

function dependencies(linkage: Linkage, linkageBudget: LinkageBudget) {
  const store = memoryIdentityStore();
  return {
    keys: labelledKeys(),
    ppidMac: labelledPpidMac(),
    store,
    linkage,
    linkageBudget,
    elapsedMs: stopwatch(),
    now: 0,
    filed: () => [...store.records.values()].filter(({ sk }) => sk === 'C').length,
  };
}

/** Each answer takes so long by a clock of its own; notes the time that each call was given. */
function taking(answerMs: number, linkageBudget: LinkageBudget) {
  const granted: number[] = [];
  let elapsed = 0;
  const linkage: Linkage = {
    async predecessorOf({ issuerKeyId, serial }, timeoutMs) {
      granted.push(timeoutMs);
      elapsed += answerMs;
      const [number = 0] = serial;
      if (number <= 1) return undefined;
      const predecessor = { issuerKeyId, serial: Uint8Array.of(number - 1) };
      return { reference: predecessor, relation: 'renewed' };
    },
    signatureCertificateOf: async () => ({ reference: undefined, reason: 'not-issued' }),
  };
  return { ...dependencies(linkage, linkageBudget), elapsedMs: () => elapsed, granted };
}

const service = { serviceId: 'svc_a', sectorId: 'sec_a' };
const certificate = (serial: number) => ({ ...reference, serial: Uint8Array.of(serial) });

const predecessorAnswer = (response: ServerResponse, serial: number): void => {
  const predecessor =
    serial > 1
      ? { issuerKeyId: reference.issuerKeyId, serial: (serial - 1).toString(16).padStart(2, '0') }
      : null;
  response.end(JSON.stringify({ predecessor }));
};
