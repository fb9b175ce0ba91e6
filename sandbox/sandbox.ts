import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cloud, type Services, startServices } from './cloud/start-cloud.ts';
import { type HeldPort, holdPort } from './cloud/free-port.ts';
import { type Jlis, startJlis } from './jlis/start-jlis.ts';
import { type ClientKeyPair, nameClient, openClientKey } from './client-key-file.ts';
import { holdDataFolder } from './data-folder.ts';
import { startVirtualReader } from './card/virtual-reader.ts';
import { writeEnvironmentFile } from './environment-file.ts';
import { type SandboxClient, registerClient } from './register-client.ts';
import { answerRequests } from './requests/requests-page.ts';
import { forgetRunning, rememberRunning } from './running.ts';
import { outageAnswer } from './outage-answer.ts';
import { synthesise } from './synthesise.ts';

export interface SandboxOptions {
  /** TCP port of the API on loopback; 0 takes a free one. */
  readonly port?: number;
  /** TCP port of the simulated J-LIS. */
  readonly jlisPort?: number;
  /** Directory that keeps everything over a restart; otherwise memory and a temporary folder. */
  readonly dataDir?: string | undefined;
  /** Starts the smart card service with a virtual reader, on which the J-LIS's cards can be put. */
  readonly reader?: boolean;
  /** Prints what the functions log. */
  readonly verbose?: boolean;
  /** Maximum number of environments of one function. */
  readonly concurrency?: number;
  /**
   * Additional settings as in `cdk … -c name=value`. `stage` is `sandbox` unless they name another; for
   * `production`, the simulated J-LIS's authorities are pinned by `furtherAnchorPins`.
   */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Receives events of the sandbox, one line each: its tables are unavailable, or available again.
   */
  readonly tell?: (line: string) => void;
  /**
   * Called once when the sandbox can no longer serve and should be closed; receives the reason and
   * the cure.
   */
  readonly onEnd?: (why: string) => void;
  /** Aborts a start in progress. */
  readonly signal?: AbortSignal;
}

export interface Sandbox {
  /** `http://localhost:PORT` */
  readonly apiUrl: string;
  readonly jlis: Jlis;
  readonly cloud: Cloud;
  /** deployment.json as used by the functions; `aws.env` and the keys are in the same folder. */
  readonly deploymentFile: string;
  /** The operator's client, which registers services and has none itself. */
  readonly operator: SandboxClient;
  /** The key of a second person, for what one operator proposes and another approves. */
  readonly secondOperator: SandboxClient;
  /** A Type 2 service that is active, with its client. */
  readonly client: SandboxClient & { readonly serviceId: string };
  /** Runs the scheduled ingestion now; resolves when it is done. */
  ingest(): Promise<void>;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
let started = 0;
const deploymentFileName = 'deployment.json';

/**
 * Starts everything: the simulated J-LIS; the platform as synthesised by CDK with its trust
 * profile; and a preregistered service, registered through the API like any other.
 *
 * @throws SandboxStartError with a one-line cure: a port in use, Java missing or too old
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port: wantedPort = 8080, jlisPort = 8081, dataDir, verbose = false } = options;
  // Sets the umask, because files of this process and of DynamoDB Local include private keys.
  process.umask(0o077);
  const held = await holdPort(wantedPort, '--port');
  const folder =
    dataDir ??
    join(root, '.sandbox', wantedPort === 0 ? `${process.pid}-${++started}` : String(held.port));
  const ending: (() => unknown)[] = [held.release];
  const stopping = new AbortController();
  options.signal?.addEventListener('abort', () => stopping.abort(), { once: true });
  const close = async (): Promise<void> => {
    stopping.abort();
    for (const end of ending.splice(0).toReversed()) await end();
  };
  try {
    await (await holdPort(jlisPort, '--jlis-port')).release();
    if (dataDir !== undefined) ending.push(holdDataFolder(dataDir).release);
    if (dataDir === undefined) {
      rmSync(folder, { recursive: true, force: true });
      ending.push(() => rmSync(folder, { recursive: true, force: true }));
    }
    mkdirSync(folder, { recursive: true });
    const jlis = await startJlis({
      port: jlisPort,
      dataDir: dataDir === undefined ? undefined : join(dataDir, 'jlis'),
    });
    ending.push(() => jlis.close());
    if (options.reader) {
      const reader = await startVirtualReader(jlis);
      ending.push(() => reader.close());
      jlis.reader = reader;
    }
    const operatorKey = openClientKey(join(folder, 'operator.jwk'));
    const secondOperatorKey = openClientKey(join(folder, 'operator-2.jwk'));
    const operatorKeys = [operatorKey, secondOperatorKey];
    const services = startServices({
      dataDir,
      clockOffset: jlis.clock.offset,
      verbose,
      ...(options.tell && { tell: options.tell }),
      ...(options.onEnd && { onEnd: options.onEnd }),
    });
    let serving: Cloud | undefined;
    ending.push(async () => serving?.close() ?? (await services.catch(() => undefined))?.close());
    const cloud = await servePlatform(
      { jlis, operatorKeys, folder, held, services, signal: stopping.signal },
      options,
    );
    serving = cloud;
    writeEnvironmentFile(join(folder, 'aws.env'), cloud);
    const operator = { clientId: 'operator', ...operatorKey };
    const secondOperator = { clientId: operator.clientId, ...secondOperatorKey };
    for (const { keyFile } of operatorKeys) nameClient(keyFile, operator.clientId);
    for (const page of ['requests', 'requests.json'])
      jlis.pages.set(page, (url) => answerRequests(cloud.requests, cloud.url, url));
    const platform = { apiUrl: cloud.url, now: jlis.clock.now };
    const ingest = async (): Promise<void> => {
      cloud.runSchedules();
      await cloud.settled();
    };
    const [client] = await Promise.all([registerClient(platform, operator, folder), ingest()]);
    rememberRunning({
      pid: process.pid,
      apiUrl: cloud.url,
      jlisUrl: jlis.url,
      lambdaEndpoint: cloud.lambdaEndpoint,
      aws: cloud.operator,
      operator: { clientId: operator.clientId, keyFile: operator.keyFile },
      client: { clientId: client.clientId, keyFile: client.keyFile },
    });
    ending.push(() => forgetRunning(cloud.url));
    return {
      apiUrl: cloud.url,
      jlis,
      cloud,
      deploymentFile: join(folder, deploymentFileName),
      operator,
      secondOperator,
      client,
      ingest,
      close,
    };
  } catch (cause) {
    await close();
    throw cause;
  }
}

interface PlatformParts {
  readonly jlis: Jlis;
  readonly operatorKeys: readonly ClientKeyPair[];
  readonly folder: string;
  readonly held: HeldPort;
  readonly services: Promise<Services>;
  readonly signal: AbortSignal;
}

/** Synthesises for this J-LIS and this operator while the services start, then serves. */
async function servePlatform(
  { jlis, operatorKeys, folder, held, services, signal }: PlatformParts,
  { concurrency, settings = {} }: SandboxOptions,
): Promise<Cloud> {
  const deployment = join(folder, deploymentFileName);
  const keys = operatorKeys.map(({ publicJwk }) => publicJwk);
  const operator = { clientId: 'operator', jwks: { keys } };
  const { stage = 'sandbox' } = settings;
  const name = stage === 'production' ? 'jpki-production' : 'sandbox';
  const trustProfile = { ...jlis.trustProfileJson(), name };
  writeFileSync(deployment, JSON.stringify({ stage, trustProfile, operator }, null, 2));
  const assemblyDir = join(folder, 'cdk.out');
  rmSync(assemblyDir, { recursive: true, force: true });
  const here =
    stage === 'production'
      ? { furtherAnchorPins: pinsOf(jlis) }
      : // A service under development listens on this machine.
        { webhookTargets: 'loopback' };
  const context = { ...here, ...settings, stage, deployment };
  const [running] = await Promise.all([services, synthesise(assemblyDir, context, signal)]);
  return running.serve({
    assemblyDir,
    port: held.port,
    releasePort: held.release,
    whenOut: outageAnswer(`http://localhost:${held.port}`),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
}

const pinsOf = ({ authorities }: Jlis): string =>
  authorities
    .map(({ certificate }) => createHash('sha256').update(certificate).digest('hex'))
    .join();
