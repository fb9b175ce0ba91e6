import { isDeepStrictEqual } from 'node:util';
import { listAnswer, ocspAnswer, pathAnswer } from '../vectors/own-answer.ts';
import { readVectors } from '../vectors/vector-data.ts';

/*
 * The project's vectors without a test runner: exits 1 at the first that does not come out. `npm run
 * mutate` asks this before the tests, which take ten times as long to start.
 */

/** What is expected may say less than what is found: which check, which policies. */
function expectSame(id: string, expected: object, found: object): void {
  const asked = Object.fromEntries(
    Object.entries(found).filter(([name]) => Object.hasOwn(expected, name)),
  );
  if (isDeepStrictEqual(asked, expected)) return;
  console.log(`${id}: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
  process.exit(1);
}

const { paths, lists, ocsp } = {
  paths: readVectors('paths'),
  lists: readVectors('lists'),
  ocsp: readVectors('ocsp'),
};
for (const one of paths.cases) expectSame(one.id, one.expected, pathAnswer(one, paths.defaults));
for (const one of lists.cases) {
  expectSame(one.id, one.expected, await listAnswer(one, lists.defaults));
}
for (const one of ocsp.cases) {
  expectSame(one.id, one.expected, await ocspAnswer(one, ocsp.defaults));
}
