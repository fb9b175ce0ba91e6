import { randomFrom } from '../fuzz/mutate.ts';
import { lossOf, mutatedFile } from './mutated-files.ts';

/** `npm run fuzz -- --files [N]`: so many mutated files through bulk jobs in memory; 1 when any lost a record. */
export async function runFiles(mutants: number): Promise<number> {
  const random = randomFrom(1);
  let silent = 0;
  for (let n = 0; n < mutants; n += 1) {
    const file = mutatedFile(random);
    const loss = await lossOf(file).catch((error: unknown) => `crash: ${String(error)}`);
    if (loss === undefined) continue;
    silent += 1;
    if (silent <= 20) console.log(`${loss}: ${file.format} ${file.plain.toString('base64')}`);
  }
  console.log(`${mutants} mutated files, ${silent} lost a record without a word`);
  return silent === 0 ? 0 : 1;
}
