import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { placesOfGuard } from './find-guard.ts';
import type { GuardedRoom, Mutation } from './guarded-room.ts';
import { guardedRooms } from './mutations.ts';

/*
 * npm run mutate [-- TEXT …]: takes away one guard after the other, in a copy of the repository, and runs
 * the vectors, then the tests that watch it. A guard whose loss no test notices is a survivor. Each TEXT picks
 * by the name of the file or the text of the guard.
 */

const repository = fileURLToPath(new URL('../..', import.meta.url));
const patterns = process.argv.slice(2);
const copy = join(mkdtempSync(join(tmpdir(), 'mutate-')), 'repository');
/** Without its bound a search does not end: that is noticed as well. Tests take a tenth of it. */
const endlessMs = 600_000;
const survivors: string[] = [];
let tried = 0;

try {
  const parts = ['lambdas', 'test', 'cli', 'sandbox', 'lib', 'reader', 'bench', 'docs'];
  for (const part of [...parts, 'package.json', 'tsconfig.json', 'jest.config.mjs']) {
    cpSync(join(repository, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
  // PKITS, without which its cases would be skipped.
  const shared = join(repository, '../shared');
  if (existsSync(shared)) symlinkSync(realpathSync(shared), join(copy, '../shared'));
  for (const room of guardedRooms) {
    const picked = room.mutations.filter(isPicked);
    // What is red before anything was taken away would notice everything.
    if (picked.length > 0 && (await isNoticed(room)))
      throw new Error(`red as it is: ${room.tests.join()}`);
    for (const mutation of picked) {
      await tryOne(mutation, room);
    }
  }
} finally {
  rmSync(join(copy, '..'), { recursive: true });
}
console.log(`${tried} guards taken away, ${survivors.length} not noticed`);
for (const survivor of survivors) console.log(`survived: ${survivor}`);
process.exitCode = survivors.length > 0 ? 1 : 0;

function isPicked({ file, find }: Mutation): boolean {
  return (
    patterns.length === 0 || patterns.some((text) => file.includes(text) || find.includes(text))
  );
}

async function tryOne(mutation: Mutation, room: GuardedRoom): Promise<void> {
  const { file, find, replace } = mutation;
  const name = `${file}: ${find}${replace === '' ? '' : ` -> ${replace}`}`;
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  const found = placesOfGuard(text, mutation);
  if (found.length !== 1) throw new Error(`${name}: stands ${found.length} times`);
  writeFileSync(
    path,
    text.replace(found[0]!, () => replace),
  );
  const failed = await isNoticed(room);
  writeFileSync(path, text);
  tried++;
  console.log(`${failed ? 'noticed ' : 'SURVIVED'}  ${name}`);
  if (!failed) survivors.push(name);
}

async function isNoticed({ hasVectors, tests }: GuardedRoom): Promise<boolean> {
  return (hasVectors && (await fails(['test/mutation/vectors-hold.ts']))) || fails(jest(tests));
}

function jest(tests: readonly string[]): readonly string[] {
  const options = ['--bail', '--silent', '--runInBand'];
  return ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', ...options, ...tests];
}

function fails(argv: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, ['--no-warnings', ...argv], {
    cwd: copy,
    stdio: 'ignore',
    timeout: endlessMs,
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code !== 0));
  });
}
