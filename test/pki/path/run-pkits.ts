import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  archiveVariable,
  PkitsArchiveError,
  readPkitsArchive,
  readPkitsCases,
  whereToGetIt,
} from './pkits-source.ts';

const usage = `npm run test:pkits [-- --from FILE]

The 249 cases of NIST's PKITS. FILE is the published archive, PKITS_data.zip; without it the cases of
../shared/vectors/pkits.json are run. Without both nothing is run, and the exit code is 66.`;

/** sysexits.h: EX_USAGE, EX_DATAERR, EX_NOINPUT. */
const [exitUsage, exitData, exitNoInput] = [64, 65, 66];

process.exitCode = run();

function run(): number {
  let from: string | undefined;
  try {
    const { values } = parseArgs({
      options: { from: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    from = values.from;
  } catch (error) {
    console.error(`test:pkits: ${(error as Error).message}`);
    return exitUsage;
  }
  try {
    if (from !== undefined) readPkitsArchive(from);
    else if (readPkitsCases({}) === undefined) {
      console.error(`test:pkits: nothing was run: give the archive with --from; ${whereToGetIt}`);
      return exitNoInput;
    }
  } catch (error) {
    console.error(`test:pkits: ${(error as Error).message}`);
    return error instanceof PkitsArchiveError ? exitData : exitNoInput;
  }
  return runTests(from);
}

/** Runs the test file that `npm test` also runs, so that both count and report the same way. */
function runTests(from: string | undefined): number {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const options = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const { status } = spawnSync(process.execPath, [...options, 'test/pki/path/pkits.test.ts'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(from !== undefined && { [archiveVariable]: resolve(from) }) },
  });
  return status ?? 1;
}
