import { describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { MyKeyError } from '../../../lambdas/errors.ts';
import type { OperationContract } from '../../../lambdas/platform/http/operation-contract.ts';
import type { Answer, OperationCall } from '../../../lambdas/platform/http/operation-call.ts';
import {
  operationHandler,
  type HttpSettings,
} from '../../../lambdas/platform/http/operation-handler.ts';
import { openAnswer, sealAnswer } from '../../../lambdas/platform/http/sealed-answer.ts';
import { memoryIdempotencyStore } from '../../fakes/memory-stores.ts';
import { baseUrl, eventOn, now, type2Caller } from '../../capabilities/gateway-event.ts';

const contract = {
  id: 'make-sample',
  method: 'POST',
  path: '/v1/samples',
  scope: { name: 'samples:write', description: 'Make samples', grantedTo: ['type2'] },
  maxBodyBytes: 64 * 1024,
  idempotent: true,
  summary: 'Test',
  body: z.strictObject({
    name: z.string(),
    rows: z.array(z.strictObject({ n: z.int() })).optional(),
  }),
  responses: { 201: { description: 'Made' } },
  problems: [],
} as const satisfies OperationContract;

const caller = { ...type2Caller, scopes: 'samples:write' };

const answer = async (): Promise<Answer> => ({ status: 201, body: { ok: true } });

async function run(
  parts: Parameters<typeof eventOn>[1],
  handle: (call: OperationCall) => Promise<Answer> = answer,
  settings: Partial<HttpSettings> = {},
) {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const handler = operationHandler(contract, handle, {
    publicBaseUrl: baseUrl,
    clock: () => now,
    log: (line) => void lines.push(line),
    ...settings,
  });
  const result = await handler(eventOn(contract, { caller, ...parts }), {});
  const body = JSON.parse(result.body) as { code?: string; errors?: unknown; detail?: string };
  return { result, body, line: lines[0]! };
}

const good = { body: { name: 'n' } };

describe('the stack around an operation', () => {
  it('does not repeat an unknown field name that may be a person’s number', async () => {
    const { body } = await run({ body: { name: 'n', '2000118d': 1 } });
    expect(body.errors).toEqual([{ pointer: '#', detail: 'unknown field' }]);
  });

  it('answers with the security headers and nothing cacheable', async () => {
    const { result } = await run(good);
    expect(result.statusCode).toBe(201);
    expect(result.headers).toMatchObject({
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': 'r-1',
    });
  });

  it.each([
    ['no body', {}, 400, 'request-invalid'],
    ['a body that is not JSON', { rawBody: '{' }, 400, 'request-invalid'],
    ['a byte order mark', { rawBody: '\ufeff{"name":"n"}' }, 400, 'request-invalid'],
    ['UTF-16', { rawBody: '\ufffd\ufffd{\0"\0' }, 400, 'request-invalid'],
    ['UTF-16 without its mark', { rawBody: '{\0"\0' }, 400, 'request-invalid'],
    ['gzip', { rawBody: '\x1f\ufffd\b' }, 415, 'media-type-unsupported'],
    [
      'gzip that is announced',
      { ...good, headers: { 'Content-Encoding': 'gzip' } },
      415,
      'media-type-unsupported',
    ],
    [
      'another coding',
      { ...good, headers: { 'content-encoding': 'br' } },
      415,
      'media-type-unsupported',
    ],
    ['a million zero bytes', { rawBody: '\0'.repeat(1_000_000) }, 413, 'request-too-large'],
    [
      'another media type',
      { ...good, headers: { 'Content-Type': 'text/plain' } },
      415,
      'media-type-unsupported',
    ],
    ['no caller', { ...good, caller: {} }, 401, 'token-missing'],
    [
      'a suspended service',
      { ...good, caller: { ...caller, serviceState: 'suspended' } },
      403,
      'service-not-active',
    ],
    [
      'another scope',
      { ...good, caller: { ...caller, scopes: 'jobs:write' } },
      403,
      'scope-insufficient',
    ],
  ] as const)('refuses %s', async (_, parts, status, code) => {
    const { result, body, line } = await run(parts);
    expect([result.statusCode, body.code, line['code']]).toEqual([status, code, code]);
    expect(result.headers!['Content-Type']).toBe('application/problem+json');
  });

  it('names every field that does not fit, and never its value', async () => {
    const { result, body } = await run({
      body: { name: 1, rows: [{ n: 'secret' }], extra: 'secret' },
    });
    expect(body.errors).toMatchObject([
      { pointer: '#/name' },
      { pointer: '#/rows/0/n' },
      { pointer: '#', detail: 'unknown field: extra' },
    ]);
    expect(result.body).not.toContain('secret');
  });

  it.each([
    ['a byte order mark', '\ufeff{}', /byte order mark/],
    ['UTF-16', '\ufffd\ufffd{\0', /UTF-16/],
    ['gzip', '\x1f\ufffd\b', /gzip/],
  ])('names %s', async (_, rawBody, words) => {
    expect((await run({ rawBody })).body.detail).toMatch(words);
  });

  it('is not moved by __proto__ in a body', async () => {
    const { body } = await run({ rawBody: '{"name":"n","__proto__":{"rows":[]}}' });
    expect(body.code).toBe('request-invalid');
  });

  it('reveals no internals in a 5xx and logs no error messages', async () => {
    const { result, line } = await run(good, async () => {
      throw new Error('table mykey-identity: serial 0123');
    });
    expect(result.statusCode).toBe(500);
    expect(result.body + JSON.stringify(line)).not.toContain('0123');
    expect(line).toMatchObject({ level: 'error', code: 'internal-error' });
  });

  it('asks to come back later when a dependency is down', async () => {
    const { result, body } = await run(good, async () => {
      throw new MyKeyError('dependency-unavailable', 'a table does not answer');
    });
    expect([result.statusCode, result.headers!['Retry-After'], body.detail]).toEqual([
      503,
      '5',
      undefined,
    ]);
  });
});

const failing = async (): Promise<Answer> => {
  throw new MyKeyError('challenge-used', 'again');
};

describe('Idempotency-Key', () => {
  const headers = { 'Idempotency-Key': 'key-00000001' };

  it('gives the first answer to a repeated request, and runs it once', async () => {
    const settings = { idempotency: memoryIdempotencyStore() };
    let runs = 0;
    const counted = async () => ({ status: 201, body: { run: ++runs } });
    const first = await run({ ...good, headers }, counted, settings);
    const second = await run({ ...good, headers }, counted, settings);
    expect([runs, second.result.body]).toEqual([1, first.result.body]);
    expect(second.result.headers!['Idempotent-Replayed']).toBe('true');
  });

  it('refuses the key for another body, and runs again after a failure', async () => {
    const settings = { idempotency: memoryIdempotencyStore() };
    expect((await run({ ...good, headers }, failing, settings)).result.statusCode).toBe(409);
    expect((await run({ ...good, headers }, answer, settings)).result.statusCode).toBe(201);
    const other = await run({ body: { name: 'other' }, headers }, answer, settings);
    expect(other.body.code).toBe('idempotency-key-reused');
  });

  it('asks to wait while the first request with the key still runs', async () => {
    const settings = { idempotency: memoryIdempotencyStore() };
    const second = Promise.withResolvers<Awaited<ReturnType<typeof run>>>();
    await run(
      { ...good, headers },
      async () => {
        second.resolve(await run({ ...good, headers }, answer, settings));
        return answer();
      },
      settings,
    );
    const { result, body } = await second.promise;
    expect([result.statusCode, body.code]).toEqual([409, 'request-in-progress']);
  });

  it('keeps the keys of two clients apart', async () => {
    const settings = { idempotency: memoryIdempotencyStore() };
    await run({ ...good, headers }, answer, settings);
    const otherClient = { ...caller, clientId: 'cli_b' };
    const other = await run(
      { body: { name: 'other' }, headers, caller: otherClient },
      answer,
      settings,
    );
    expect(other.result.statusCode).toBe(201);
  });

  it('lets only the same request run again after a failure with unknown outcome', async () => {
    const settings = { idempotency: memoryIdempotencyStore() };
    const tokens: string[] = [];
    const down = async ({ requestToken }: OperationCall): Promise<Answer> => {
      tokens.push(requestToken);
      throw new MyKeyError('dependency-unavailable', 'no answer');
    };
    const made = async ({ requestToken }: OperationCall): Promise<Answer> => {
      tokens.push(requestToken);
      return { status: 201, body: {} };
    };
    expect((await run({ ...good, headers }, down, settings)).result.statusCode).toBe(503);
    const other = await run({ body: { name: 'other' }, headers }, made, settings);
    expect(other.body.code).toBe('idempotency-key-reused');
    expect((await run({ ...good, headers }, made, settings)).result.statusCode).toBe(201);
    // What is created takes its identifiers from it: the same for both tries.
    expect(tokens[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(tokens).toEqual([tokens[0], tokens[0]]);
  });

  it('gives each request without a key, with another key or of another client its own token', async () => {
    const tokens = new Set<string>();
    const note = async ({ requestToken }: OperationCall): Promise<Answer> => {
      tokens.add(requestToken);
      return { status: 201, body: {} };
    };
    const settings = { idempotency: memoryIdempotencyStore() };
    await run(good, note, settings);
    await run(good, note, settings);
    await run({ ...good, headers }, note, settings);
    await run({ ...good, headers: { 'Idempotency-Key': 'key-00000002' } }, note, settings);
    await run({ ...good, headers, caller: { ...caller, clientId: 'cli_b' } }, note, settings);
    expect(tokens.size).toBe(5);
  });

  it('returns the original error when the idempotency store also fails', async () => {
    const store = memoryIdempotencyStore();
    const idempotency = {
      ...store,
      leaveOpen: async () => Promise.reject(new MyKeyError('dependency-unavailable', 'no answer')),
      forget: async () => Promise.reject(new MyKeyError('dependency-unavailable', 'no answer')),
    };
    const refused = await run({ ...good, headers }, failing, { idempotency });
    expect(refused.body.code).toBe('challenge-used');
  });

  it('encrypts stored answers, so that the table reveals nothing of them', async () => {
    const kept: string[] = [];
    const store = memoryIdempotencyStore();
    const idempotency = {
      ...store,
      complete: async (...args: Parameters<typeof store.complete>) => {
        kept.push(args[1]);
        return store.complete(...args);
      },
    };
    const ppid = 'a'.repeat(32);
    await run({ ...good, headers }, async () => ({ status: 201, body: { ppid } }), { idempotency });
    const again = await run({ ...good, headers }, answer, { idempotency });
    expect(JSON.parse(again.result.body)).toEqual({ ppid });
    expect(kept).toHaveLength(1);
    expect(Buffer.from(kept[0]!, 'base64').includes(ppid)).toBe(false);
    expect(kept[0]).not.toContain(ppid);
  });

  it('replays an answer neither after its expiry nor when it is no longer valid', async () => {
    let time = now;
    let holds = true;
    const settings: Partial<HttpSettings> = {
      idempotency: memoryIdempotencyStore(),
      clock: () => time,
      answerKeptMs: 300_000,
      beforeRepeat: async () => {
        if (!holds) throw new MyKeyError('certificate-revoked', 'revoked meanwhile');
      },
    };
    let runs = 0;
    const counted = async () => ({ status: 201, body: { run: ++runs } });
    await run({ ...good, headers }, counted, settings);
    time += 299_999;
    const repeated = await run({ ...good, headers }, counted, settings);
    expect(repeated.result.headers!['Idempotent-Replayed']).toBe('true');
    holds = false;
    expect((await run({ ...good, headers }, counted, settings)).body.code).toBe(
      'certificate-revoked',
    );
    holds = true;
    time += 1;
    expect((await run({ ...good, headers }, counted, settings)).result.headers).not.toHaveProperty(
      'Idempotent-Replayed',
    );
    expect(runs).toBe(2);
  });
});

describe('a sealed answer', () => {
  const request = { key: 'k', secret: 'Idempotency-Key and body' };

  it.each([
    ['another request', { ...request, secret: 'Idempotency-Key and another body' }],
    ['another key of the table', { ...request, key: 'l' }],
  ])('opens for nothing but its request: %s', (_, other) => {
    const sealed = sealAnswer({ status: 201, body: { ok: true } }, request);
    expect(openAnswer(sealed, request)).toEqual({ status: 201, body: { ok: true } });
    expect(() => openAnswer(sealed, other)).toThrow();
  });
});

describe('the caller of an operation', () => {
  const { idempotent: _, ...once } = contract;
  const openContract = { ...once, scope: 'public' } as const;
  const headers = { Authorization: 'Bearer a.b-c' };
  /** The bearer token that the operation is given, on a route with or without a scope. */
  const bearerOn = async (route: OperationContract): Promise<unknown> => {
    let given: unknown;
    const handler = operationHandler(
      route,
      async ({ bearerToken }) => {
        given = bearerToken;
        return { status: 201, body: {} };
      },
      { publicBaseUrl: baseUrl, clock: () => now, log: () => {} },
    );
    await handler(eventOn(route, { ...good, caller, headers }), {});
    return given;
  };

  it('is not known on a public route: to read it there is a fault', async () => {
    const handler = operationHandler(
      openContract,
      async ({ caller: who }) => ({ status: 201, body: { who } }),
      { publicBaseUrl: baseUrl, clock: () => now, log: () => {} },
    );
    expect((await handler(eventOn(openContract, { ...good, caller }), {})).statusCode).toBe(500);
  });

  it('has its token handed on where no authorizer has verified it, and nowhere else', async () => {
    expect(await bearerOn(openContract)).toBe('a.b-c');
    expect(await bearerOn(once)).toBeUndefined();
  });
});
