import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { randomBytes } from 'node:crypto';
import { dynamoIdempotencyStore } from '../../../../lambdas/platform/adapters/dynamodb/idempotency-store.ts';
import { dynamoJobStore } from '../../../../lambdas/platform/adapters/dynamodb/job-store.ts';
import { dynamoServiceRegistry } from '../../../../lambdas/platform/adapters/dynamodb/service-registry.ts';
import type { Job } from '../../../../lambdas/capabilities/jobs/job.ts';
import type { Registration } from '../../../../lambdas/capabilities/services/service-registry.ts';
import { startTables } from '../../../../sandbox/cloud/start-tables.ts';

const now = Date.UTC(2026, 10, 22);
const fresh = (kind: string): string => `${kind}_${randomBytes(8).toString('hex')}`;

let engine: Awaited<ReturnType<typeof startTables>>;
let losing: DynamoDBDocumentClient;
let lost = 0;

/** Each write lands, the answer of its first try is lost, and the SDK tries again. */
beforeAll(async () => {
  engine = await startTables('services', 'sessions', 'jobs');
  const { config } = engine.client;
  losing = DynamoDBDocumentClient.from(engine.client, {
    marshallOptions: { removeUndefinedValues: true },
  });
  const inner = config.requestHandler;
  const tried = new Set<string>();
  losing.config.requestHandler = {
    ...inner,
    async handle(request: Parameters<typeof inner.handle>[0], options: never) {
      const answer = await inner.handle(request, options);
      const target = String(request.headers['x-amz-target']);
      const invocation = String(request.headers['amz-sdk-invocation-id']);
      if (/Put|Update|Transact/.test(target) && !tried.has(invocation)) {
        tried.add(invocation);
        lost += 1;
        throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
      }
      return answer;
    },
  } as typeof inner;
}, 60_000);
afterAll(() => engine.close());

const registration = (): Registration => {
  const [organisationId, serviceId, clientId] = [fresh('org'), fresh('svc'), fresh('cli')];
  return {
    organisation: { organisationId, name: `City ${organisationId}` },
    isNewOrganisation: true,
    service: {
      serviceId,
      organisationId,
      name: 'Health portal',
      type: 'type2',
      status: 'testing',
      sectorId: fresh('sec'),
      clientIds: [clientId],
      createdAt: now,
      updatedAt: now,
    },
    client: { clientId, serviceId, keys: [], scopes: [] },
  };
};

const job = (): Job => ({
  jobId: fresh('job'),
  owner: 'svc',
  state: 'awaiting-upload',
  format: 'csv',
  compression: 'none',
  by: 'serial',
  rows: 'all',
  uploadBytes: 3,
  createdAt: now,
  expiresAt: now + 1,
});

describe('a write whose answer was lost is not refused by itself', () => {
  it('as the start of an idempotent run', async () => {
    const store = dynamoIdempotencyStore(losing, 'sessions');
    const key = fresh('key');
    const before = lost;
    expect(await store.begin(key, 'f1', now)).toEqual({ state: 'started' });
    expect(lost).toBe(before + 1);
    expect(await store.begin(key, 'f1', now)).toEqual({ state: 'running' });
  });

  it('as a registration; another one of the name is', async () => {
    const registry = dynamoServiceRegistry(losing, 'services', 1_000);
    const first = registration();
    await registry.register(first);
    expect(await registry.service(first.service.serviceId)).toEqual(first.service);
    const second = { ...registration(), organisation: first.organisation };
    await expect(registry.register({ ...second, isNewOrganisation: false })).rejects.toMatchObject({
      code: 'service-exists',
    });
  });

  it('as a step of the life cycle; a second one from the same state is', async () => {
    const registry = dynamoServiceRegistry(losing, 'services', 1_000);
    const { organisation, isNewOrganisation, service, client } = registration();
    await registry.register({ organisation, isNewOrganisation, service, client });
    const active = { ...service, status: 'active', updatedAt: now + 1 } as const;
    await registry.replaceService(service, active);
    const retired = { ...service, status: 'retired', updatedAt: now + 2 } as const;
    await expect(registry.replaceService(service, retired)).rejects.toMatchObject({
      code: 'service-transition-invalid',
    });
  });

  it('as a job, and as a step of a job', async () => {
    const store = dynamoJobStore(losing, 'jobs');
    const made = job();
    await store.create(made);
    expect(await store.find(made.jobId)).toEqual(made);
    const planning = { state: 'planning', startedAt: now } as const;
    expect(await store.change(made.jobId, ['awaiting-upload'], planning)).toEqual({
      ...made,
      ...planning,
    });
    expect(await store.change(made.jobId, ['awaiting-upload'], planning)).toBeUndefined();
  });
});
