import { expect, it } from '@jest/globals';
import { randomFrom } from '../fuzz/mutate.ts';
import { mutatedGiven, openGivenFiles } from './given-files.ts';
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

it('lets no file pass unseen that is given to verify or crl ingest', async () => {
  const random = randomFrom(1);
  const given = openGivenFiles();
  const losses: string[] = [];
  try {
    for (let n = 0; n < 400; n += 1) {
      const file = mutatedGiven(random);
      const loss = n % 2 === 0 ? given.lossInVerify(file) : given.lossInIngest(file);
      const said = await loss;
      if (said !== undefined) losses.push(`${said}: ${file.bytes.toString('base64')}`);
    }
  } finally {
    given.close();
  }
  expect(losses).toEqual([]);
}, 60_000);
