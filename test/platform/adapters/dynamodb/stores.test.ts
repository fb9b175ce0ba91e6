import { afterAll, beforeAll, describe } from '@jest/globals';
import { dynamoAssertionStore } from '../../../../lambdas/platform/adapters/dynamodb/assertion-store.ts';
import { dynamoCheckQuota } from '../../../../lambdas/platform/adapters/dynamodb/check-quota.ts';
import { dynamoIdempotencyStore } from '../../../../lambdas/platform/adapters/dynamodb/idempotency-store.ts';
import { dynamoIdentityIndex } from '../../../../lambdas/platform/adapters/dynamodb/identity-index.ts';
import { dynamoIdentityStore } from '../../../../lambdas/platform/adapters/dynamodb/identity-store.ts';
import { dynamoReadingSessions } from '../../../../lambdas/platform/adapters/dynamodb/reading-sessions.ts';
import { dynamoServiceRegistry } from '../../../../lambdas/platform/adapters/dynamodb/service-registry.ts';
import { dynamoUsedChallenges } from '../../../../lambdas/platform/adapters/dynamodb/used-challenges.ts';
import { dynamoTerminals } from '../../../../lambdas/platform/adapters/dynamodb/terminals.ts';
import { terminalsContract } from '../terminals.contract.ts';
import { checkQuotaContract } from '../check-quota.contract.ts';
import { usedChallengesContract } from '../used-challenges.contract.ts';
import { dynamoWebhookStore } from '../../../../lambdas/platform/adapters/dynamodb/webhook-store.ts';
import { webhookStoreContract } from '../webhook-store.contract.ts';
import { feedContract } from '../feed.contract.ts';
import { identityStoreContract } from '../identity-store.contract.ts';
import { readingSessionsContract } from '../reading-sessions.contract.ts';
import { startTables } from '../../../../sandbox/cloud/start-tables.ts';
import { serviceRegistryContract } from '../service-registry.contract.ts';
import { assertionStoreContract, idempotencyStoreContract } from '../sessions.contract.ts';

let engine: Awaited<ReturnType<typeof startTables>>;
beforeAll(async () => {
  engine = await startTables('services', 'sessions', 'identity');
}, 60_000);
afterAll(() => engine.close());

describe('services in DynamoDB', () =>
  serviceRegistryContract((usageKeys = 1_000) =>
    dynamoServiceRegistry(engine.client, 'services', usageKeys),
  ));
describe('challenges in DynamoDB', () =>
  usedChallengesContract(() => dynamoUsedChallenges(engine.client, 'sessions')));
describe('identifiers of bulk checks in DynamoDB', () =>
  checkQuotaContract(() => dynamoCheckQuota(engine.client, 'sessions')));
describe('cards held without a PIN in DynamoDB', () =>
  checkQuotaContract(() => dynamoCheckQuota(engine.client, 'sessions', 'HELD')));
describe('reading sessions in DynamoDB', () =>
  readingSessionsContract(() => dynamoReadingSessions(engine.client, 'sessions')));
describe('terminals in DynamoDB', () =>
  terminalsContract(() => dynamoTerminals(engine.client, 'services')));
describe('used assertions in DynamoDB', () =>
  assertionStoreContract(() => dynamoAssertionStore(engine.client, 'sessions')));
describe('idempotent runs in DynamoDB', () =>
  idempotencyStoreContract(() => dynamoIdempotencyStore(engine.client, 'sessions')));
describe('webhooks in DynamoDB', () =>
  webhookStoreContract(() => dynamoWebhookStore(engine.client, 'services')));
describe('feeds in DynamoDB', () =>
  feedContract(() => dynamoIdentityStore(engine.client, 'identity')));
describe('identities in DynamoDB', () =>
  identityStoreContract(() => ({
    ...dynamoIdentityStore(engine.client, 'identity'),
    ...dynamoIdentityIndex(engine.plainClient, 'identity'),
  })));
