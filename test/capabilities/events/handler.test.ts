import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventsHandler } from '../../../lambdas/capabilities/events/handler.ts';
import { appendEvents } from '../../../lambdas/people/feed.ts';
import { labelledKeys } from '../../fakes/identity-keys.ts';
import type { memoryIdentityStore } from '../../fakes/memory-identity-store.ts';
import { portsWith } from '../../people/scene.ts';
import { baseUrl, eventFor, type2Caller } from '../gateway-event.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = Date.UTC(2026, 10, 22, 3);
const ppid = 'a'.repeat(32);

let now: number;
let ports: ReturnType<typeof portsWith<ReturnType<typeof memoryIdentityStore>>>;
let version: number;
beforeEach(() => {
  now = start;
  version = 1;
  ports = portsWith();
});

const lines: Record<string, unknown>[] = [];
const handler = eventsHandler((at) => ({ ...ports, keys: labelledKeys(version), now: at }), {
  publicBaseUrl: baseUrl,
  clock: () => now,
  log: (line) => void lines.push(line),
});

interface Page {
  readonly events: readonly { readonly id: string }[];
  readonly next: string;
  readonly more: boolean;
  readonly code?: string;
}

async function read(query: Record<string, string> = {}, caller = type2Caller) {
  const event = { ...eventFor('read-events', { caller }), queryStringParameters: query };
  const answer = await handler(event, {});
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: JSON.parse(answer.body) as Page,
  };
}

const append = (cause: string, serviceId = 'svc_a') =>
  appendEvents({ ...ports, now }, serviceId, [
    {
      type: 'person.certificate-revoked',
      ppid,
      at: now,
      reason: 'keyCompromise',
      source: 'crl',
      cause,
    },
  ]);

describe('GET /v1/events', () => {
  it('gives what happened since the cursor, for nobody to keep', async () => {
    const begin = (await read()).body.next;
    await append('1');
    now += hour;
    const { status, body, headers } = await read({ after: begin });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store' });
    expect(body.events).toEqual([
      {
        id: expect.stringMatching(/^evt_/),
        type: 'person.certificate-revoked',
        timestamp: '2026-11-22T00:00:00Z',
        data: { ppid, reason: 'keyCompromise', source: 'crl' },
      },
    ]);
    expect((await read({ after: body.next })).body).toEqual({
      events: [],
      next: body.next,
      more: false,
    });
    expect((await read({ after: begin })).body.events).toEqual(body.events);
  });

  it('writes no PPID into its log', async () => {
    await append('1');
    now += hour;
    lines.length = 0;
    await read();
    expect(lines).toMatchObject([{ events: 1 }]);
    expect(JSON.stringify(lines)).not.toContain(ppid);
  });

  it('gives pages of the wanted size, and says when to ask again at once', async () => {
    for (const cause of ['1', '2', '3']) await append(cause);
    now += hour;
    const first = await read({ limit: '2' });
    expect([first.body.events.length, first.body.more]).toEqual([2, true]);
    const second = await read({ limit: '2', after: first.body.next });
    expect([second.body.events.length, second.body.more]).toEqual([1, false]);
  });

  it.each([
    ['that was made up', () => Buffer.alloc(120, 1).toString('base64url')],
    ['that is no sealed text', () => 'AAAA'],
    [
      'of a version of keys that does not exist',
      () => Buffer.from(`\x01\x00\x09${'x'.repeat(99)}`, 'latin1').toString('base64url'),
    ],
  ])('refuses a cursor %s', async (_, cursor) => {
    const { status, body } = await read({ after: cursor() });
    expect([status, body.code]).toEqual([400, 'request-invalid']);
  });

  it('refuses the cursor of another service, and one that was altered', async () => {
    const { next } = (await read()).body;
    const stranger = { ...type2Caller, serviceId: 'svc_b' };
    expect((await read({ after: next }, stranger)).status).toBe(400);
    const octets = Buffer.from(next, 'base64url');
    octets[40]! ^= 1;
    expect((await read({ after: octets.toString('base64url') })).status).toBe(400);
    expect((await read({ after: next })).status).toBe(200);
  });

  it.each(['0', '501', '1000', '-1', 'all'])('refuses the limit %s', async (limit) => {
    expect((await read({ limit })).status).toBe(400);
  });

  it('tells a reader that was away for longer than events are kept', async () => {
    const begin = (await read()).body.next;
    await append('1');
    now += hour;
    await read();
    now += 32 * day;
    const { status, body } = await read({ after: begin });
    expect([status, body.code]).toEqual([410, 'cursor-too-old']);
  });

  it('tells a reader whose cursor was sealed with a key that is out of use', async () => {
    const begin = (await read()).body.next;
    version = 2;
    expect((await read({ after: begin })).status).toBe(200);
    version = 3;
    expect((await read({ after: begin })).body.code).toBe('cursor-too-old');
  });
});
