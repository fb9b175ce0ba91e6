import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { nameClient, writeNewKey } from '../../cli/new-key.ts';
import { run } from '../../cli/person.ts';

const certificate = (label: string) => ({
  handle: `handle of ${label}`,
  label,
  kind: 'user-authentication',
  filedOn: '2026-11-27',
  superseded: false,
  predecessor: 'none',
});
const person = (handle: string, ...labels: readonly string[]) => ({
  handle,
  suspended: false,
  merged: 0,
  services: 1,
  certificates: labels.map(certificate),
  acts: [],
});
const flag = { flagId: 'flg_1', kind: 'k', seenAt: 't', state: 'open' };
const act = { actId: 'act_1', kind: 'merge', flagId: 'flg_1', state: 'proposed', reason: 'r' };

let folder: string;
let server: Server;
let requests: { line: string; key: unknown; body: unknown }[] = [];
/** So many proposals get no answer. */
let unanswered = 0;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  const line = `${request.method} ${request.url}`;
  response.setHeader('content-type', 'application/json');
  if (request.url === '/oauth2/token') {
    response.end(JSON.stringify({ access_token: 'token', expires_in: 300 }));
    return;
  }
  const key = request.headers['idempotency-key'];
  requests.push({ line, key, body: body === '' ? undefined : JSON.parse(body) });
  if (line === 'POST /v1/persons/acts' && unanswered-- > 0) {
    response.destroy();
    return;
  }
  const persons = [person('one', 'aaaa', 'bbbb'), person('two', 'cccc')];
  const answers: Readonly<Record<string, object>> = {
    'GET /v1/persons/flags?state=open&limit=100': { flags: [flag], next: 'flg_1' },
    'GET /v1/persons/flags?state=open&limit=100&cursor=flg_1': { flags: [] },
    'GET /v1/persons/flags/flg_1': { ...flag, persons },
  };
  response.end(JSON.stringify(answers[line] ?? act));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'my-key-person-'));
  await writeNewKey(join(folder, 'operator.jwk'), 'ES256');
  await nameClient(join(folder, 'operator.jwk'), 'operator');
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function mykey(...words: readonly string[]): Promise<{ code: number; output: string }> {
  requests = [];
  const output: string[] = [];
  const spies = [jest.spyOn(console, 'log'), jest.spyOn(console, 'error')];
  for (const spy of spies) spy.mockImplementation((line) => void output.push(String(line)));
  const { port } = server.address() as AddressInfo;
  const who = ['--url', `http://127.0.0.1:${port}`, '--key', join(folder, 'operator.jwk')];
  const code = await run([...words, ...who]);
  for (const spy of spies) spy.mockRestore();
  return { code, output: output.join('\n') };
}

it('lists the flags of every page', async () => {
  const { code, output } = await mykey('flags');
  expect([code, output.split('\n')]).toEqual([0, [expect.stringContaining('flg_1')]]);
  expect(requests).toHaveLength(2);
});

it('shows the persons of a flag by number and their certificates by label, without handles', async () => {
  const { output } = await mykey('flags', 'flg_1');
  expect(output).toMatch(/person 1\n[^]*certificate aaaa[^]*certificate bbbb[^]*person 2\n/);
  expect(output).not.toContain('handle');
});

it('proposes a merge that keeps the person of this number', async () => {
  expect((await mykey('merge', 'flg_1', '--keep', '2', '--reason', 'r')).code).toBe(0);
  const wish = { kind: 'merge', flagId: 'flg_1', keep: 'two', absorb: 'one', reason: 'r' };
  expect(requests.at(-1)!.body).toEqual(wish);
});

const split = ['split', 'flg_1', '--reason', 'r', '--certificate'] as const;

it('proposes a split by labels, and refuses a label that the person has not', async () => {
  expect((await mykey(...split, 'bbbb')).code).toBe(0);
  expect(requests.at(-1)!.body).toMatchObject({
    kind: 'split',
    person: 'one',
    certificates: ['handle of bbbb'],
  });
  const refused = await mykey(...split, 'cccc');
  expect(refused).toMatchObject({ code: 64, output: expect.stringContaining('aaaa, bbbb') });
});

it('repeats a proposal without answer once, with the same key', async () => {
  unanswered = 1;
  const { code } = await mykey('merge', 'flg_1', '--keep', '1', '--reason', 'r');
  expect(code).toBe(0);
  const [first, second] = requests.filter(({ line }) => line === 'POST /v1/persons/acts');
  expect(first!.key).toEqual(expect.any(String));
  expect(second).toEqual(first);
});
