/**
 * `npm run test:deploy`: bootstraps and deploys every stack to moto, an emulator of AWS's control
 * planes, and looks with SDK clients at what arrived. moto drops KMS specs, TTL and PITR, so those
 * are the template tests' business; this one shows that CloudFormation can build it all in order.
 * `-- network` deploys only what has the word in its name.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { checkArrived } from './check-arrived.ts';
import type { Promised } from './check-network.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const account = '123456789012';
const region = 'ap-northeast-1';
/** Bootstrap and eight stacks take some minutes; a hung emulator must not take a CI job with it. */
const commandTimeoutMs = 600_000;

/** EX_UNAVAILABLE of sysexits(3): what is missing is named, and nothing counts as passed. */
const unavailable = 69;

interface Deployment {
  readonly settings: Readonly<Record<string, string>>;
  readonly promised?: Promised;
}

const domainName = 'api.example.jp';
const withDomain = { domainName, hostedZoneId: 'Z0123456789ABC', hostedZoneName: 'example.jp' };

/** What is deployed, each to an emulator of its own. What settings name is there: moto_server.py. */
const deployments: Readonly<Record<string, Deployment>> = {
  'a trial without an address': { settings: {} },
  'a domain, and a network with addresses of its own': {
    settings: { ...withDomain, vpc: 'own', firewall: 'true', backup: 'true' },
    promised: { domainName, egress: 'nat', endpointIds: [] },
  },
  'a domain behind private endpoints, and a private line': {
    settings: {
      ...withDomain,
      vpc: 'own',
      egress: 'private-line',
      privateLineGatewayId: 'vgw-0a1b',
      privateLineCidrs: '10.0.0.0/8,172.16.0.0/12',
      privateEndpointIds: 'vpce-0a,vpce-0b',
    },
    promised: {
      domainName,
      egress: { gatewayId: 'vgw-0a1b', cidrs: ['10.0.0.0/8', '172.16.0.0/12'] },
      endpointIds: ['vpce-0a', 'vpce-0b'],
    },
  },
};

async function run(): Promise<number> {
  if (spawnSync('cfn-lint', ['--version'], { stdio: 'ignore' }).status !== 0) {
    return lacking('cfn-lint is not installed: python3 -m pip install cfn-lint');
  }
  if (spawnSync('python3', ['-c', 'import moto.server'], { stdio: 'ignore' }).status !== 0) {
    return lacking("python3 has no moto: python3 -m pip install 'moto[server,all]'");
  }
  const asked = Object.entries(deployments).filter(([name]) =>
    name.includes(process.argv[2] ?? ''),
  );
  if (asked.length === 0) return lacking(`no deployment is called ${process.argv[2]}`);
  let status = 0;
  for (const [name, deployment] of asked) {
    console.log(`test:deploy: ${name}`);
    const output = mkdtempSync(join(tmpdir(), 'my-key-deploy-'));
    try {
      const assembly = join(output, 'cdk.out');
      cdk(['synth', '--quiet', ...contextOf(deployment), '--output', assembly], process.env);
      status = Math.max(status, lintTemplates(assembly), await deployToMoto(assembly, deployment));
    } finally {
      rmSync(output, { recursive: true, force: true });
    }
  }
  return status;
}

const contextOf = ({ settings }: Deployment): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

function lacking(what: string): number {
  console.error(`test:deploy: not run, ${what}`);
  return unavailable;
}

/** cfn-lint over the templates; what it finds is printed. */
function lintTemplates(assembly: string): number {
  const templates = globSync(join(assembly, '*.template.json'));
  const { status } = spawnSync('cfn-lint', templates, { cwd: root, stdio: 'inherit' });
  console.log(
    `cfn-lint: ${templates.length} templates ${status === 0 ? 'clean' : 'with findings'}`,
  );
  return status === 0 && templates.length > 0 ? 0 : 1;
}

/** Deploys the assembly that was linted, and looks at what arrived. */
async function deployToMoto(assembly: string, { promised }: Deployment): Promise<number> {
  const port = await freePort();
  // On the name: CDK's asset upload and the SDK's S3 client both resolve buckets below it.
  const endpoint = `http://localhost:${port}`;
  const moto = spawn(
    'python3',
    [join(root, 'test/deploy/moto_server.py'), '-H', '127.0.0.1', '-p', String(port)],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const notBuilt: string[] = [];
  createInterface(moto.stdout).on('line', (line) => {
    if (line.startsWith('AWS::')) notBuilt.push(line);
  });
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
    cdk(
      ['bootstrap', `aws://${account}/${region}`, '--output', `${assembly}.bootstrap`],
      environment,
    );
    cdk(
      ['deploy', '--all', '--app', assembly, '--method', 'direct', '--require-approval', 'never'],
      environment,
    );
    const failures = await checkArrived(endpoint, region, promised);
    console.log(`moto does not build: ${notBuilt.toSorted().join(', ')}`);
    console.log(`test:deploy: ${failures.length === 0 ? 'passed' : `${failures.length} missing`}`);
    return failures.length === 0 ? 0 : 1;
  } finally {
    moto.kill();
  }
}

/** Runs one CDK command; its output is shown only when it fails. @throws Error naming the command */
function cdk(args: readonly string[], env: NodeJS.ProcessEnv): void {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('cdk', [...args, '--ci', '--progress', 'events'], {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: commandTimeoutMs,
  });
  if (status !== 0) throw new Error(`cdk ${args[0]} failed\n${stdout}\n${stderr}`);
  console.log(`cdk ${args[0]}: ${Math.round((performance.now() - started) / 1000)} s`);
}

async function answering(endpoint: string, moto: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 240 && moto.exitCode === null; attempt++) {
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
