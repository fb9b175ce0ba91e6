import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { webhooksHandler } from '../../../lambdas/capabilities/webhooks/handler.ts';
import { webhookLimits } from '../../../lambdas/capabilities/webhooks/limits.ts';
import { notifyWebhooksHandler } from '../../../lambdas/capabilities/webhooks/notify-webhooks-handler.ts';
import { appendEvents, readFeed } from '../../../lambdas/people/feed.ts';
import { postNotice } from '../../../lambdas/platform/adapters/webhook-post.ts';
import { memoryIdentityStore } from '../../fakes/memory-identity-store.ts';
import { memoryWebhookStore } from '../../fakes/memory-webhooks.ts';
import { portsWith } from '../../people/scene.ts';
import { baseUrl, eventFor, type2Caller } from '../gateway-event.ts';

const hour = 3_600_000;
const pairs = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const keys = {
  sign: async (content: Uint8Array) =>
    pairs.map(({ privateKey }) => sign(null, content, privateKey)),
  publicKeys: async () =>
    pairs.map(({ publicKey }) => publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)),
};

interface Received {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

let server: Server;
let origin: string;
let received: Received[] = [];
let status = 204;
beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      received.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(status, status === 302 ? { location: `${origin}/elsewhere` } : {});
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

let now: number;
let rules: { loopback: boolean };
let addresses: readonly string[];
let store: ReturnType<typeof memoryWebhookStore>;
let feed: ReturnType<typeof portsWith<ReturnType<typeof memoryIdentityStore>>>;
beforeEach(() => {
  now = Date.UTC(2026, 10, 22, 3, 10);
  rules = { loopback: true };
  addresses = ['93.184.216.34'];
  store = memoryWebhookStore();
  feed = portsWith({ store: memoryIdentityStore() });
  received = [];
  status = 204;
});

const run = (task: Parameters<ReturnType<typeof notifyWebhooksHandler>>[0]) =>
  notifyWebhooksHandler(
    { store, feed, keys, rules, post: postNotice },
    () => now,
    () => undefined,
  )(task);
const notify = () => run({ action: 'notify', serviceId: 'svc_a' });

async function call(id: string, body?: unknown) {
  const handler = webhooksHandler(
    (at) => ({ store, rules, resolve: async () => addresses, now: at }),
    keys,
    { publicBaseUrl: baseUrl, clock: () => now, log: () => undefined },
  );
  const answer = await handler(eventFor(id, { caller: type2Caller, body }), {});
  return {
    status: answer.statusCode,
    body: (answer.body === '' ? {} : JSON.parse(answer.body)) as Record<string, unknown>,
  };
}

const happen = (cause: string) =>
  appendEvents({ ...feed, now }, 'svc_a', [
    { type: 'person.renewed', ppid: 'a'.repeat(32), at: now, cause },
  ]);

describe('an endpoint', () => {
  it('is registered, shown with the keys that verify notices, and removed', async () => {
    expect(await call('get-webhook')).toMatchObject({
      status: 404,
      body: { code: 'webhook-not-found' },
    });
    const put = await call('put-webhook', { url: 'https://example.com/hook' });
    expect(put).toMatchObject({
      status: 200,
      body: { url: 'https://example.com/hook', state: 'active' },
    });
    expect(put.body['publicKeys']).toEqual([
      expect.stringMatching(/^whpk_[\w+/]{43}=$/),
      expect.stringMatching(/^whpk_[\w+/]{43}=$/),
    ]);
    expect((await call('get-webhook')).body).toEqual(put.body);
    expect((await call('delete-webhook')).status).toBe(200);
    expect((await call('get-webhook')).status).toBe(404);
  });

  it.each([
    ['that resolves to a private address beside a public one', ['93.184.216.34', '10.0.0.1']],
    ['that does not resolve', []],
  ])('is refused a host %s', async (_, resolved) => {
    addresses = resolved;
    const answer = await call('put-webhook', { url: 'https://example.com/' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'webhook-url-refused' } });
  });

  it('is refused a private address in the URL itself', async () => {
    for (const host of ['169.254.169.254', '[fd00:ec2::254]', '2130706433', '0x7f.1']) {
      rules = { loopback: false };
      expect((await call('put-webhook', { url: `https://${host}/` })).status).toBe(422);
    }
  });
});

describe('a notice', () => {
  it('says that events wait, signed by both keys of a rotation, and nothing of persons', async () => {
    await call('put-webhook', { url: `${origin}/hook` });
    await happen('1');
    await notify();
    expect(received).toEqual([]);
    now += hour;
    await notify();
    const [{ path, headers, body }] = received as [Received];
    expect([path, JSON.parse(body)]).toEqual([
      '/hook',
      { type: 'events.available', timestamp: '2026-11-22T04:00:00.000Z', data: {} },
    ]);
    expect(headers['webhook-timestamp']).toBe(String(now / 1_000));
    const content = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
    const signatures = String(headers['webhook-signature']).split(' ');
    expect(signatures).toHaveLength(2);
    for (const [n, signature] of signatures.entries()) {
      const [version, value = ''] = signature.split(',');
      expect(version).toBe('v1a');
      const { publicKey } = pairs[n]!;
      const octets = Buffer.from(value, 'base64');
      expect(verify(null, Buffer.from(content), publicKey, octets)).toBe(true);
      expect(verify(null, Buffer.from(`${content} `), publicKey, octets)).toBe(false);
    }
  });

  it('has the same id at every try of an hour, and another in the next; it ends when all is read', async () => {
    await call('put-webhook', { url: origin });
    await happen('1');
    now += hour;
    await notify();
    now += 60_000;
    await notify();
    now += hour;
    await notify();
    const ids = received.map(({ headers }) => headers['webhook-id']);
    expect([ids[0] === ids[1], ids[1] === ids[2]]).toEqual([true, false]);
    await readFeed({ ...feed, now }, 'svc_a', { after: undefined, limit: 100 });
    await notify();
    expect(received).toHaveLength(3);
  });

  it.each([302, 404, 500])(
    'that is answered with %i failed; a redirect is not followed',
    async (code) => {
      await call('put-webhook', { url: origin });
      await happen('1');
      now += hour;
      status = code;
      await expect(notify()).rejects.toThrow(String(code));
      expect(received.map(({ path }) => path)).toEqual(['/']);
    },
  );

  it('goes nowhere once its name or address is not public any more', async () => {
    await call('put-webhook', { url: origin });
    await call('put-webhook', { url: origin.replace('127.0.0.1', 'localhost') });
    await happen('1');
    now += hour;
    const strict = { loopback: false };
    const notice = { headers: {}, body: '{}' };
    await expect(postNotice(new URL(origin), notice, strict)).rejects.toThrow('not public');
    const named = new URL(origin.replace('127.0.0.1', 'localhost'));
    await expect(postNotice(named, notice, strict)).rejects.toThrow('not public');
    expect(received).toEqual([]);
    expect(await postNotice(named, notice, { loopback: true })).toBe(204);
  });
});

describe('an endpoint that does not acknowledge', () => {
  it('is failing, is given up after three days, and begins anew when it is registered again', async () => {
    await call('put-webhook', { url: origin });
    const state = async () => (await call('get-webhook')).body['state'];
    const planned = async () => run({ action: 'plan' });
    await run({ action: 'give-up', serviceId: 'svc_a' });
    expect([await state(), await planned()]).toEqual(['failing', { serviceIds: ['svc_a'] }]);
    await happen('1');
    now += hour;
    await notify();
    expect(await state()).toBe('active');
    for (let n = 0; n < webhookLimits.failedHours; n++)
      await run({ action: 'give-up', serviceId: 'svc_a' });
    expect([await state(), await planned()]).toEqual(['given-up', { serviceIds: [] }]);
    await call('put-webhook', { url: origin });
    expect([await state(), await planned()]).toEqual(['active', { serviceIds: ['svc_a'] }]);
  });
});
