/**
 * `npm run test:deploy`: bootstraps and deploys every stack to moto, an emulator of AWS's control
 * planes, and looks with SDK clients at what arrived. moto drops KMS specs, TTL and PITR, so those
 * are the template tests' business; this one shows that CloudFormation can build it all in order.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkArrived } from './check-arrived.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const account = '123456789012';
const region = 'ap-northeast-1';
/** Bootstrap and seven stacks take some minutes; a hung emulator must not take a CI job with it. */
const commandTimeoutMs = 600_000;

/** EX_UNAVAILABLE of sysexits(3): what is missing is named, and nothing counts as passed. */
const unavailable = 69;

async function run(): Promise<number> {
  if (spawnSync('cfn-lint', ['--version'], { stdio: 'ignore' }).status !== 0) {
    return lacking('cfn-lint is not installed: python3 -m pip install cfn-lint');
  }
  if (spawnSync('python3', ['-c', 'import moto.server'], { stdio: 'ignore' }).status !== 0) {
    return lacking("python3 has no moto: python3 -m pip install 'moto[server,all]'");
  }
  return Math.max(lintTemplates(), await deployToMoto());
}

function lacking(what: string): number {
  console.error(`test:deploy: not run, ${what}`);
  return unavailable;
}

/** cfn-lint over the templates; what it finds is printed. */
function lintTemplates(): number {
  const output = mkdtempSync(join(tmpdir(), 'my-key-lint-'));
  try {
    cdk(['synth', '--quiet'], output, process.env);
    const templates = globSync(join(output, 'cdk.out', '*.template.json'));
    const { status } = spawnSync('cfn-lint', templates, { cwd: root, stdio: 'inherit' });
    console.log(
      `cfn-lint: ${templates.length} templates ${status === 0 ? 'clean' : 'with findings'}`,
    );
    return status === 0 && templates.length > 0 ? 0 : 1;
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

async function deployToMoto(): Promise<number> {
  const port = await freePort();
  // On the name: CDK's asset upload and the SDK's S3 client both resolve buckets below it.
  const endpoint = `http://localhost:${port}`;
  const moto = spawn(
    'python3',
    [join(root, 'test/deploy/moto_with_aliases.py'), '-H', '127.0.0.1', '-p', String(port)],
    { stdio: 'ignore' },
  );
  const output = mkdtempSync(join(tmpdir(), 'my-key-deploy-'));
  const environment = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'moto',
    AWS_SECRET_ACCESS_KEY: 'moto',
    AWS_REGION: region,
    CDK_DISABLE_VERSION_CHECK: '1',
  };
  try {
    await answering(endpoint, moto);
    cdk(['bootstrap', `aws://${account}/${region}`], output, environment);
    cdk(
      ['deploy', '--all', '--method', 'direct', '--require-approval', 'never'],
      output,
      environment,
    );
    const failures = await checkArrived(endpoint, region);
    console.log(`test:deploy: ${failures.length === 0 ? 'passed' : `${failures.length} missing`}`);
    return failures.length === 0 ? 0 : 1;
  } finally {
    moto.kill();
    rmSync(output, { recursive: true, force: true });
  }
}

/** Runs one CDK command; its output is shown only when it fails. @throws Error naming the command */
function cdk(args: readonly string[], output: string, env: NodeJS.ProcessEnv): void {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(
    'cdk',
    [...args, '--output', join(output, 'cdk.out'), '--ci', '--progress', 'events'],
    {
      cwd: root,
      env,
      encoding: 'utf8',
      timeout: commandTimeoutMs,
    },
  );
  if (status !== 0) throw new Error(`cdk ${args[0]} failed\n${stdout}\n${stderr}`);
  console.log(`cdk ${args[0]}: ${Math.round((performance.now() - started) / 1000)} s`);
}

async function answering(endpoint: string, moto: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 60 && moto.exitCode === null; attempt++) {
    const answer = await fetch(endpoint).catch(() => undefined);
    if (answer !== undefined) return;
    await sleep(500);
  }
  throw new Error('moto_server does not answer');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address!.port : 0));
    });
  });
}

process.exitCode = await run();
