import { parseArgs } from 'node:util';
import { randomFrom } from '../fuzz/mutate.ts';
import { mutatedGiven, openGivenFiles } from './given-files.ts';
import { lossOf, mutatedFile } from './mutated-files.ts';

const usage = `npm run fuzz:files -- [--mutants N] [--seed N]

Hands N mutated files (100,000) to mykey verify, mykey crl ingest and bulk jobs in turn: octets, DER trees,
encodings, cuts, joins. Ends with 1 where one crashed, passed unseen, or lost a record without a word.`;

const { mutants, seed } = options();
const random = randomFrom(seed);
const given = openGivenFiles();
const ways = {
  verify: { loss: () => tried(mutatedGiven(random), given.lossInVerify) },
  'crl ingest': { loss: () => tried(mutatedGiven(random), given.lossInIngest) },
  bulk: { loss: () => tried(mutatedFile(random), lossOf) },
};
const counts: Record<string, { files: number; silent: number }> = {};
const startedAt = performance.now();
for (let n = 0; n < mutants; n += 1) {
  const [name, { loss }] = Object.entries(ways)[n % 3]!;
  const count = (counts[name] ??= { files: 0, silent: 0 });
  count.files += 1;
  const said = await loss();
  if (said !== undefined && ++count.silent <= 10) console.log(`${name}: ${said}`);
  if ((n + 1) % 10_000 === 0) console.error(`${n + 1} files`);
}
given.close();
for (const [name, { files, silent }] of Object.entries(counts)) {
  console.log(`${name.padEnd(10)} ${files} files, ${silent} silent`);
}
console.log(
  `${mutants} files, seed ${seed}, ${Math.round((performance.now() - startedAt) / 1000)} s`,
);
process.exitCode = Object.values(counts).some(({ silent }) => silent > 0) ? 1 : 0;

async function tried<File extends { readonly bytes: Buffer }>(
  file: File,
  lossIn: (file: File) => Promise<string | undefined>,
): Promise<string | undefined> {
  const loss = await lossIn(file).catch((error: unknown) => `crash: ${String(error)}`);
  return loss && `${loss}: ${file.bytes.toString('base64')}`;
}

function options(): { mutants: number; seed: number } {
  const { values } = parseArgs({
    options: {
      mutants: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [mutants, seed] = [Number(values.mutants), Number(values.seed)];
  const isWrong = !Number.isSafeInteger(mutants) || mutants < 1 || !Number.isSafeInteger(seed);
  if (values.help || isWrong) {
    console.log(usage);
    process.exit(values.help ? 0 : 64);
  }
  return { mutants, seed };
}
