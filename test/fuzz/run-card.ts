import { parseArgs } from 'node:util';
import { fuzzTarget } from '../reader/support/fuzz-target.ts';
import { fuzzCardAnswers } from './card-answers.ts';

const usage = `npm run fuzz:card -- [--answers N] [--seed N]

Reads a virtual card over and over while its answers are changed on the way, or are those of a card of which one
thing is forged. Ends with 1 on a crash, on a wrong result, on a secret in an error, on a last try used unasked, and on a reading of over a second.

  --answers N   how many mutated answers (100000)
  --seed N      which; the same seed makes the same ones (1)`;

const { values } = parseArgs({
  options: {
    answers: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const start = performance.now();
let toldAt = start;
const counts = await fuzzCardAnswers(
  await fuzzTarget(),
  Number(values.answers),
  Number(values.seed),
  ({ mutatedAnswers, readings }) => {
    if (performance.now() < toldAt + 10_000) return;
    toldAt = performance.now();
    console.error(`${mutatedAnswers} mutated answers in ${readings} readings`);
  },
);
const seconds = ((performance.now() - start) / 1000).toFixed(1);
console.log(
  `${counts.mutatedAnswers} mutated answers, ${counts.forgedAnswers} of them of a forged card, in ${counts.readings} readings ` +
    `(${counts.commands} commands), ${seconds} s: ${counts.refused} refused by name, ${counts.accepted} read truly, ` +
    `${counts.leftToPlatform} left to the platform to refuse, ${counts.faults.length} faults; ` +
    `slowest reading ${counts.slowestMs.toFixed(0)} ms`,
);
const byCount = [...counts.codes].sort(([, a], [, b]) => b - a);
console.log(byCount.map(([code, count]) => `${code} ${count}`).join(', '));
for (const fault of counts.faults) console.error(fault);
process.exitCode = counts.faults.length > 0 ? 1 : 0;
