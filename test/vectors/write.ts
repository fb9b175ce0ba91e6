import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generateVectors } from './generate.ts';
import { fileOf, vectorKinds } from './vector-data.ts';

/* npm run vectors: regenerates test/vectors/data after a change of the generators in this folder. */

const vectors = generateVectors();
for (const kind of vectorKinds) {
  writeFileSync(fileOf(kind), `${JSON.stringify(vectors[kind], null, 2)}\n`);
  console.log(`${kind}: ${vectors[kind].cases.length} cases`);
}
const formatter = fileURLToPath(new URL('../../node_modules/.bin/oxfmt', import.meta.url));
spawnSync(
  formatter,
  vectorKinds.map((kind) => fileURLToPath(fileOf(kind))),
  { stdio: 'inherit' },
);
