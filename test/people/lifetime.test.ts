import { describe, it } from '@jest/globals';
import { assert, asyncProperty } from 'fast-check';
import { dynamoIdentityStore } from '../../lambdas/platform/adapters/dynamodb/identity-store.ts';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { startTables } from '../../sandbox/cloud/start-tables.ts';
import { Lifetime, lives } from './lifetime.ts';

describe('one person has one record and stable PPIDs, whatever happens', () => {
  it('in many lives', async () => {
    await assert(
      asyncProperty(lives(200), (events) => new Lifetime(memoryIdentityStore()).live(events)),
      { numRuns: 25, interruptAfterTimeLimit: 90_000 },
    );
  }, 180_000);

  it('in a few lives whose records are in DynamoDB', async () => {
    const tables = ['life-1', 'life-2', 'life-3'];
    const engine = await startTables(...tables);
    try {
      let life = 0;
      await assert(
        asyncProperty(lives(60), (events) =>
          new Lifetime(dynamoIdentityStore(engine.client, tables[life++ % tables.length]!)).live(
            events,
          ),
        ),
        // A failing life is not made shorter: its table is used up.
        { numRuns: tables.length, endOnFailure: true },
      );
    } finally {
      await engine.close();
    }
  }, 120_000);
});
