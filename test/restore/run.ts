import { isDeepStrictEqual } from 'node:util';
import { rehearseRestore } from './rehearsal.ts';

/** `npm run rehearse:restore`: exit code 0 where a restore changes nothing that callers see. */
const { before, after, leftBehind } = await rehearseRestore((line) => console.log(line));
if (!isDeepStrictEqual(before, after)) {
  console.error('the restored platform answers otherwise:', { before, after });
  process.exitCode = 1;
} else if (leftBehind > 0) {
  console.error(`${leftBehind} items were written to tables that had been replaced`);
  process.exitCode = 1;
} else {
  console.log('the same PPIDs, links and lists; nothing was written to the tables of before');
}
