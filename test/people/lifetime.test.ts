import { it } from '@jest/globals';
import { assert, asyncProperty } from 'fast-check';
import { memoryIdentityStore } from '../fakes/memory-identity-store.ts';
import { Lifetime, lives } from './lifetime.ts';

it('gives one person one record and stable PPIDs, whatever happens in many lives', async () => {
  await assert(
    asyncProperty(lives(200), (events) => new Lifetime(memoryIdentityStore()).live(events)),
    { numRuns: 25, interruptAfterTimeLimit: 90_000 },
  );
}, 180_000);
