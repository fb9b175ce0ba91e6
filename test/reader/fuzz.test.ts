import { expect, it } from '@jest/globals';
import { fuzzCardAnswers } from '../fuzz/card-answers.ts';
import { fuzzTarget } from './support/fuzz-target.ts';

it('mutated answers of a card end in a named error or in a true result (2,000; more by npm run fuzz:card)', async () => {
  const { faults, mutatedAnswers, refused } = await fuzzCardAnswers(await fuzzTarget(), 2000, 1);
  expect(faults).toEqual([]);
  expect(mutatedAnswers).toBeGreaterThanOrEqual(2000);
  expect(refused).toBeGreaterThan(500);
}, 120_000);
