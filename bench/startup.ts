import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { exampleDeploymentFile } from '../lib/config.ts';
import { FunctionBundles, deployedEntries } from '../lib/constructs/function-bundles.ts';

const targets = { initMs: 150, sizeKib: 700 };
const runs = 10;

/** Environment variables that the entries read at start-up; no AWS call is made. */
const environment = {
  STAGE: 'dev',
  AWS_REGION: 'ap-northeast-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  ...Object.fromEntries(
    [
      'SERVICES_TABLE',
      'SESSIONS_TABLE',
      'IDENTITY_TABLE',
      'REVOCATION_TABLE',
      'JOBS_TABLE',
      'REVOCATION_BUCKET',
      'JOBS_BUCKET',
      'PPID_KEY_ID',
      'INDEX_KEY_ID',
      'TOKEN_KEY_ID',
      'JOBS_STATE_MACHINE_ARN',
    ].map((name) => [name, 'bench']),
  ),
};

/** Start-up of every bundled function: median of ten imports, each in its own process. */
export async function run(argv: string[]): Promise<void> {
  const bundles = new FunctionBundles(exampleDeploymentFile);
  const wanted = deployedEntries.filter((name) => argv.length === 0 || argv.includes(name));
  console.log(`\nStart-up: median of ${runs} imports in fresh processes, ${process.version}`);
  console.log(
    `targets: init at most ${targets.initMs} ms, bundle at most ${targets.sizeKib} KiB\n`,
  );
  console.log('  function          init ms   (min – max)      KiB');
  for (const name of wanted) {
    const file = join(bundles.directoryOf(name), 'index.mjs');
    const times: number[] = [];
    for (let n = 0; n < runs; n++) times.push(await importTime(file));
    times.sort((a, b) => a - b);
    const median = ((times[runs / 2 - 1] ?? 0) + (times[runs / 2] ?? 0)) / 2;
    const kib = statSync(file).size / 1024;
    const spread = `${times[0]?.toFixed(0)} – ${times.at(-1)?.toFixed(0)}`;
    const over = median > targets.initMs || kib > targets.sizeKib;
    console.log(
      `  ${name.padEnd(16)}${median.toFixed(0).padStart(9)}${`(${spread})`.padStart(14)}` +
        `${kib.toFixed(0).padStart(9)}${over ? '   over target' : ''}`,
    );
  }
  bundles.discard();
}

async function importTime(file: string): Promise<number> {
  const script =
    `const began = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); ` +
    'console.log(performance.now() - began); process.exit()';
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', script],
    { env: environment },
  );
  return Number(stdout.trim().split('\n').at(-1));
}
