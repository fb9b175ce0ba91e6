import { expect, it } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { run } from '../../cli/person.ts';
import { commandUnderTest } from './command-under-test.ts';

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

let requests: { line: string; key: unknown; body: unknown }[] = [];
/** So many proposals get no answer. */
let unanswered = 0;

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const line = `${request.method} ${request.url}`;
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

const command = commandUnderTest(run, answer);

const mykey: typeof command.run = (...words) => {
  requests = [];
  return command.run(...words);
};

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
