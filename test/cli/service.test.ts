import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { run } from '../../cli/service.ts';
import { commandUnderTest } from './command-under-test.ts';
import type { JWK } from 'jose';

interface Creation {
  readonly key: IncomingMessage['headers'][string];
  readonly body: string;
}

const creations: Creation[] = [];
/** So many creations get no answer: the connection ends behind the request. */
let unanswered = 0;
/** The refusals of the next creations and replacements of keys; behind an answer that was lost. */
const refusals: { readonly status: number; readonly code: string }[] = [];
/** The registered keys of svc_1, and the sets that were sent for it. */
let registered: JWK[] = [];
let replacements: { readonly keys: JWK[]; readonly proofs: string[] }[] = [];

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  if (request.url === '/.well-known/oauth-authorization-server') {
    response.end(JSON.stringify({ issuer: 'https://api.example' }));
    return;
  }
  if (request.url === '/v1/status') {
    response.end(JSON.stringify({ time: '2026-05-05T10:00:00Z' }));
    return;
  }
  if (request.method === 'GET' && request.url === '/v1/services/svc_1/jwks') {
    response.end(JSON.stringify({ keys: registered }));
    return;
  }
  const service = {
    serviceId: 'svc_1',
    name: 'Desk',
    clients: [{ clientId: 'cli_1', scopes: [] }],
  };
  if (request.method === 'GET') {
    response.end(JSON.stringify(service));
    return;
  }
  if (request.method === 'PUT') {
    const set = JSON.parse(body) as (typeof replacements)[number];
    replacements.push(set);
    registered = set.keys;
  } else {
    creations.push({ key: request.headers['idempotency-key'], body });
  }
  if (unanswered > 0) {
    unanswered -= 1;
    response.destroy();
    return;
  }
  const refusal = refusals.shift();
  if (refusal !== undefined) {
    response.writeHead(refusal.status).end(JSON.stringify({ ...refusal, detail: 'repeat' }));
    return;
  }
  response
    .writeHead(request.method === 'PUT' ? 200 : 201)
    .end(JSON.stringify(request.method === 'PUT' ? { keys: registered } : service));
}

const { file, run: service } = commandUnderTest(run, answer);
beforeAll(() => writeFileSync(file('set.json'), JSON.stringify({ keys: [], proofs: [] })));

const desk = (name: string) => ['--name', name, '--organisation', 'Sunaba City', '--type', 'type2'];

const register = async (name: string): Promise<number> =>
  (await service('register', ...desk(name), '--jwks', file('set.json'))).code;

const keyIn = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;

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

describe('--out', () => {
  const unknown = { status: 503, code: 'dependency-unavailable' };
  let out: string;

  beforeEach(() => {
    out = file(`${randomUUID()}.jwk`);
    creations.length = 0;
    registered = [];
    replacements = [];
  });

  const registerNew = (name = 'Desk') => service('register', ...desk(name), '--out', out);

  it.each([
    ['a fault of the platform', unknown],
    ['a first attempt that still runs', { status: 409, code: 'request-in-progress' }],
    ['an answer of the gateway', { status: 504, code: '' }],
  ])('sends the same request with the same key after %s', async (_, refusal) => {
    refusals.push(refusal);
    const failed = await registerNew();
    expect(failed).toMatchObject({ code: 1, output: expect.stringContaining('repeat the same') });
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const { d } = keyIn(out);

    expect((await registerNew()).code).toBe(0);
    expect(creations).toHaveLength(2);
    expect(creations[1]).toEqual(creations[0]);
    expect(keyIn(out)).toMatchObject({ d, client_id: 'cli_1', use: 'sig', alg: 'ES256' });
    expect(JSON.stringify(keyIn(out))).not.toContain('pending');
    expect(statSync(out).mode & 0o777).toBe(0o600);

    const again = await registerNew();
    expect(again).toMatchObject({ code: 1, output: expect.stringContaining('not overwritten') });
    expect(creations).toHaveLength(2);
  });

  it('sends another registration with another key only', async () => {
    refusals.push(unknown);
    await registerNew();
    const other = await registerNew('Counter');
    expect(other.code).toBe(1);
    expect(other.output).toContain('"name":"Desk"');
    expect(creations).toHaveLength(1);
  });

  it('leaves no file behind a refusal, so that the corrected command can follow', async () => {
    refusals.push({ status: 400, code: 'invalid-request' });
    expect((await registerNew('Dsek')).code).toBe(1);
    expect(existsSync(out)).toBe(false);
    expect((await registerNew()).code).toBe(0);
  });

  it('keeps the file where a refusal follows a call without an answer', async () => {
    unanswered = 1;
    refusals.push({ status: 429, code: 'too-many-requests' });
    expect((await registerNew()).code).toBe(1);
    const { d } = keyIn(out);
    expect((await registerNew()).code).toBe(0);
    expect(keyIn(out)).toMatchObject({ d, client_id: 'cli_1' });
    expect(new Set(creations.map(({ body }) => body)).size).toBe(1);
  });

  it('adds one key where a rotation is repeated', async () => {
    registered = [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'old', alg: 'ES256' }];
    const rotate = () => service('rotate-keys', 'svc_1', '--out', out);
    refusals.push(unknown);
    expect((await rotate()).code).toBe(1);
    const { kid } = keyIn(out);
    expect((await rotate()).code).toBe(0);
    expect(replacements.map(({ keys }) => keys.map((key) => key.kid))).toEqual([
      ['old', kid],
      ['old', kid],
    ]);
    expect(keyIn(out)).toMatchObject({ kid, client_id: 'cli_1' });
    expect((await rotate()).output).toContain('not overwritten');
  });

  it('takes no other file for a key that is pending', async () => {
    for (const text of ['', 'null', '{"mykey_pending":1}', '-----BEGIN']) {
      writeFileSync(out, text);
      expect((await registerNew()).output).toContain('not overwritten');
      expect(readFileSync(out, 'utf8')).toBe(text);
    }
    expect(creations).toHaveLength(0);
  });
});
