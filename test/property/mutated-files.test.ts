import { expect, it } from '@jest/globals';
import { randomFrom } from '../fuzz/mutate.ts';
import { lossOf, mutatedFile } from './mutated-files.ts';

it('loses no record of a file, whatever became of it on the way', async () => {
  const random = randomFrom(1);
  const losses: string[] = [];
  for (let n = 0; n < 2000; n += 1) {
    const file = mutatedFile(random);
    const loss = await lossOf(file);
    if (loss !== undefined) losses.push(`${loss}: ${file.plain.toString('base64')}`);
  }
  expect(losses).toEqual([]);
});
