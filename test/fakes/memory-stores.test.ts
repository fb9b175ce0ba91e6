import { describe } from '@jest/globals';
import { checkQuotaContract } from '../platform/adapters/check-quota.contract.ts';
import { usedChallengesContract } from '../platform/adapters/used-challenges.contract.ts';
import { memoryWebhookStore } from './memory-webhooks.ts';
import { webhookStoreContract } from '../platform/adapters/webhook-store.contract.ts';
import { feedContract } from '../platform/adapters/feed.contract.ts';
import { identityStoreContract } from '../platform/adapters/identity-store.contract.ts';
import { readingSessionsContract } from '../platform/adapters/reading-sessions.contract.ts';
import { serviceRegistryContract } from '../platform/adapters/service-registry.contract.ts';
import {
  assertionStoreContract,
  idempotencyStoreContract,
} from '../platform/adapters/sessions.contract.ts';
import { terminalsContract } from '../platform/adapters/terminals.contract.ts';
import { memoryIdentityStore } from './memory-identity-store.ts';
import * as memory from './memory-stores.ts';

describe('services in memory', () => serviceRegistryContract(memory.memoryServiceRegistry));
describe('challenges in memory', () => usedChallengesContract(memory.memoryUsedChallenges));
describe('identifiers of bulk checks in memory', () => checkQuotaContract(memory.memoryCheckQuota));
describe('reading sessions in memory', () => readingSessionsContract(memory.memoryReadingSessions));
describe('terminals in memory', () => terminalsContract(memory.memoryTerminals));
describe('used assertions in memory', () => assertionStoreContract(memory.memoryAssertionStore));
describe('idempotent runs in memory', () =>
  idempotencyStoreContract(memory.memoryIdempotencyStore));
describe('webhooks in memory', () => webhookStoreContract(memoryWebhookStore));
describe('feeds in memory', () => {
  const store = memoryIdentityStore();
  feedContract(() => store);
});
describe('identities in memory', () => identityStoreContract(memoryIdentityStore));
