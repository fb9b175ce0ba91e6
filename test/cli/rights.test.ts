import { expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { run } from '../../cli/rights.ts';
import { commandUnderTest } from './command-under-test.ts';
import * as contract from '../../lambdas/capabilities/rights/contract.ts';

const asked = {
  requestId: 'cor_1',
  about: 'user-number',
  serviceId: 'svc_1',
  statement: 'その番号は私のものではありません',
  by: 'person',
  requestedAt: '2026-11-27T03:00:00Z',
};
const proposal = {
  outcome: 'passed-to-service',
  reason: 'the service decides',
  operator: 'key-1',
  proposedAt: '2026-11-28T03:00:00Z',
};
const decided = { outcome: 'refused', reason: 'it is theirs', at: '2026-11-28T04:00:00Z' };
const onBehalf = {
  requestId: 'beh_1',
  act: 'suspend',
  basis: 'guardian',
  fileReference: 'F-2',
  requestedAt: '2026-11-27T03:00:00Z',
};

const answers: Readonly<Record<string, (body: Readonly<Record<string, unknown>>) => object>> = {
  '/v1/rights/corrections/list': ({ cursor }) =>
    cursor === undefined
      ? { corrections: [asked], next: 'cor_1' }
      : { corrections: [{ ...asked, requestId: 'cor_2', proposal }] },
  '/v1/rights/corrections/proposals': () => ({ ...asked, proposal }),
  '/v1/rights/corrections/approvals': () => ({ ...asked, outcome: decided }),
  '/v1/rights/behalf/list': () => ({ requests: [onBehalf] }),
  '/v1/rights/behalf': () => onBehalf,
  '/v1/rights/behalf/approve': () => ({
    act: 'suspend',
    use: { suspended: true, suspendedBy: 'operator' },
  }),
};

/** What the platform would refuse is refused here, by the contract of the route. */
const operations = Object.fromEntries(
  [
    contract.listCorrections,
    contract.proposeOutcome,
    contract.approveOutcome,
    contract.listRequests,
    contract.takeRequest,
    contract.approveRequest,
  ].map((one) => [one.path, one]),
);

let requests: { readonly path: string; readonly body: unknown }[] = [];

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const path = request.url!;
  const given = JSON.parse(body) as Readonly<Record<string, unknown>>;
  requests.push({ path, body: given });
  if (operations[path]!.body.safeParse(given).success)
    response.end(JSON.stringify(answers[path]!(given)));
  else response.writeHead(400).end(JSON.stringify({ code: 'invalid-request', detail: 'mend it' }));
}

const command = commandUnderTest(run, answer);

const mykey: typeof command.run = (...words) => {
  requests = [];
  return command.run(...words);
};

it('lists the requests for correction of every page, with what each waits for', async () => {
  const { code, output } = await mykey('corrections');
  expect(code).toBe(0);
  expect(output).toMatch(
    /cor_1\n[^]*その番号は私のものではありません\n[^]*waits for a proposal\n\n[^]*cor_2\n[^]*passed-to-service[^]*key-1\n[^]*another operator/,
  );
  expect(requests.map(({ body }) => body)).toEqual([{}, { cursor: 'cor_1' }]);
});

it('proposes an outcome with its reason, which another operator approves', async () => {
  const outcome = ['--outcome', 'passed-to-service', '--reason', 'the service decides'];
  expect((await mykey('propose', 'cor_1', ...outcome)).output).toContain('another operator');
  const body = { requestId: 'cor_1', outcome: outcome[1], reason: outcome[3] };
  expect(requests).toEqual([{ path: '/v1/rights/corrections/proposals', body }]);
  const { code, output } = await mykey('approve', 'cor_1');
  expect([code, output]).toEqual([0, expect.stringMatching(/refused\n[^]*it is theirs\n/)]);
  expect(requests).toEqual([
    { path: '/v1/rights/corrections/approvals', body: { requestId: 'cor_1' } },
  ]);
});

it('names what a proposal lacks, and sends nothing', async () => {
  const { code, output } = await mykey('propose', 'cor_1', '--outcome', 'refused');
  expect([code, requests]).toEqual([64, []]);
  expect(output).toContain('--reason');
});

const body = {
  act: 'suspend',
  basis: 'guardian',
  fileReference: 'F-2',
  serviceId: 'svc_1',
  person: { userNumber: '4711' },
};

it('takes a request on behalf from a file, which another operator performs', async () => {
  const file = command.file('request.json');
  writeFileSync(file, JSON.stringify(body));
  const { code, output } = await mykey('take', file);
  expect([code, output]).toEqual([0, expect.stringContaining('another operator')]);
  expect(output).not.toContain('4711');
  expect(requests).toEqual([{ path: '/v1/rights/behalf', body }]);
  expect((await mykey('requests')).output).toMatch(/beh_1\n[^]*guardian/);
  expect((await mykey('perform', 'beh_1')).output).toMatch(/suspend\n[^]*by the operator/);
});

it('prints a disclosure whole, as JSON', async () => {
  const { output } = await mykey('perform', 'beh_1', '--json');
  expect(JSON.parse(output)).toMatchObject({ act: 'suspend', use: { suspended: true } });
});

it('shows nothing of a file that is no JSON', async () => {
  const file = command.file('no.json');
  writeFileSync(file, '{ "person": 4711');
  const { code, output } = await mykey('take', file);
  expect([code, requests]).toEqual([65, []]);
  expect(output).not.toContain('4711');
});
