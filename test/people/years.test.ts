import { describe, expect, it } from '@jest/globals';
import { assert, asyncProperty } from 'fast-check';
import { liveThrough, years } from './model/steps.ts';

describe('years of people, beside a plain model of who is who', () => {
  it('hold: one person one subject, PPIDs, links, status, feeds, deletion', async () => {
    let persons = 0;
    let operations = 0;
    await assert(
      asyncProperty(years(160), async (steps) => {
        const lived = await liveThrough(steps, 6);
        persons += lived.persons;
        operations += lived.operations;
      }),
      { numRuns: 10, seed: 2_026_11_28 },
    );
    expect(persons).toBeGreaterThan(30);
    expect(operations).toBeGreaterThan(500);
  }, 60_000);
});
