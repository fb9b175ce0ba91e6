import { describe, expect, it } from '@jest/globals';
import { MyKeyError } from '../../../lambdas/errors.ts';
import { jobsHandler } from '../../../lambdas/capabilities/jobs/handler.ts';
import { memoryJobFiles, memoryJobStore, memoryRunner } from './memory-jobs.ts';
import { profile } from './sample-lists.ts';
import { memoryIdempotencyStore } from '../../fakes/memory-stores.ts';
import { baseUrl, eventFor, now, type2Caller } from '../gateway-event.ts';
import { expectAsPublished } from '../openapi-contract.ts';

const request = { format: 'csv', bytes: 3 };
const otherService = { ...type2Caller, clientId: 'cli_b', serviceId: 'svc_b' };

/** `loseAnswers`: creations land, and their answers are lost, so many times. */
function jobs({ loseAnswers = 0 } = {}) {
  const made: string[] = [];
  const store = memoryJobStore();
  let lost = 0;
  const create: typeof store.create = async (job) => {
    const outcome = await store.create(job);
    if (outcome === 'created') made.push(job.jobId);
    if (lost++ < loseAnswers) throw new MyKeyError('dependency-unavailable', 'no answer');
    return outcome;
  };
  const handler = jobsHandler(
    {
      jobs: { store: { ...store, create }, files: memoryJobFiles(), runner: memoryRunner() },
      profile,
    },
    {
      publicBaseUrl: baseUrl,
      clock: () => now,
      log: () => undefined,
      idempotency: memoryIdempotencyStore(),
    },
  );
  const call = async (id: string, parts: Parameters<typeof eventFor>[1] = {}) => {
    const result = await handler(eventFor(id, { caller: type2Caller, ...parts }), {});
    expectAsPublished(id, result);
    return {
      status: result.statusCode,
      headers: result.headers!,
      body: JSON.parse(result.body) as Record<string, unknown>,
    };
  };
  const createJob = (key: string, body: object = request, caller = type2Caller) =>
    call('create-job', { body, caller, headers: { 'Idempotency-Key': key } });
  return { made, call, create: createJob };
}

describe('POST /v1/revocations/jobs', () => {
  it('makes a job that its service can read, start when uploaded, and cancel', async () => {
    const { call } = jobs();
    const { status, body } = await call('create-job', { body: request });
    expect([status, body['state']]).toEqual([201, 'awaiting-upload']);
    const path = { jobId: body['jobId'] as string };
    expect((await call('get-job', { path })).body).toEqual(body);
    expect((await call('start-job', { path })).body['code']).toBe('job-state-invalid');
    expect((await call('cancel-job', { path })).body['state']).toBe('cancelled');
    const stranger = await call('get-job', { path, caller: otherService });
    expect([stranger.status, stranger.body['code']]).toEqual([404, 'job-not-found']);
  });

  it('makes one job of a request whose answer was lost, under its Idempotency-Key', async () => {
    const { made, create } = jobs({ loseAnswers: 1 });
    expect((await create('key-00000001')).status).toBe(503);
    const { status, body } = await create('key-00000001');
    expect([status, body['jobId'], made.length]).toEqual([201, made[0], 1]);
    expect((await create('key-00000002')).body['jobId']).not.toBe(made[0]);
  });

  it('makes one job of a request that is repeated with its Idempotency-Key', async () => {
    const { made, create } = jobs();
    const first = await create('nightly-0001');
    const again = await create('nightly-0001');
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers['Idempotent-Replayed']).toBe('true');
    expect(made).toHaveLength(1);
  });

  it('refuses the key for another file, and keeps the keys of two clients apart', async () => {
    const { made, create } = jobs();
    await create('nightly-0001');
    const other = await create('nightly-0001', { ...request, bytes: 4 });
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency-key-reused']);
    expect((await create('nightly-0001', request, otherService)).status).toBe(201);
    expect(made).toHaveLength(2);
  });

  it('gives the key back when the job was refused', async () => {
    const { create } = jobs();
    const refused = await create('nightly-0001', { ...request, issuer: 'nobody' });
    expect([refused.status, refused.body['code']]).toEqual([404, 'issuer-unknown']);
    expect((await create('nightly-0001')).status).toBe(201);
  });

  it('asks for attributes by PPID alone, and with their scope alone', async () => {
    const { create } = jobs();
    const asked = { format: 'csv', bytes: 33, by: 'ppid', ask: 'attributes' };
    const made = await create('attributes-1', asked);
    expect([made.status, made.body['ask']]).toEqual([201, 'attributes']);
    expect((await create('attributes-2', { ...asked, by: 'serial' })).status).toBe(400);
    const refused = await create('attributes-3', asked, { ...type2Caller, scopes: 'jobs:write' });
    expect([refused.status, refused.body['code']]).toEqual([403, 'scope-insufficient']);
  });

  it('asks for attributes by the methods that the service may use, and revocation by full lists', async () => {
    const { create } = jobs();
    const asked = { format: 'csv', bytes: 33, by: 'ppid', ask: 'attributes', method: 'crl' };
    const made = await create('method-1', asked);
    expect([made.status, made.body['method']]).toEqual([201, 'crl']);
    const type1 = { ...type2Caller, serviceType: 'type1' } as const;
    const refused = await create('method-2', asked, type1);
    expect([refused.status, refused.body['code']]).toEqual([
      403,
      'revocation-method-not-permitted',
    ]);
    expect((await create('method-3', { ...asked, method: 'ocsp' }, type1)).status).toBe(201);
    const revocation = { ...asked, ask: 'revocation' };
    expect((await create('method-4', revocation)).status).toBe(400);
  });
});
