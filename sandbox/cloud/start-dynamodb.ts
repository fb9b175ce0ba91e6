import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { SandboxStartError } from './sandbox-start-error.ts';

export interface DynamoDb {
  readonly endpoint: string;
  /** Resolves with the exit status when it ended without being closed. */
  readonly died: Promise<string>;
  close(): Promise<void>;
}

/**
 * Amazon's DynamoDB Local on a free port, in memory or in `dataDir`, which is kept afterwards.
 *
 * It ends with this process in every case: the shell around it waits on our pipe, which the kernel
 * closes even after SIGKILL. `heapMb` limits the Java heap (SQLite's pages are additional).
 *
 * Its port is open on every address of the machine, because the jar has no option to bind one
 * address. It verifies no signature but keeps separate tables for each access key: with `apart`,
 * only clients that know the access key reach a table.
 *
 * @throws SandboxStartError with a one-line cure if Java is missing or too old
 */
export async function startDynamoDb({
  dataDir,
  heapMb = 1024,
  apart = false,
}: { dataDir?: string; heapMb?: number; apart?: boolean } = {}): Promise<DynamoDb> {
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const emulator = spawnEmulator(port, { heapMb, dataDir, apart });
    const failure = await untilReady(emulator, port);
    if (failure === undefined) return running(emulator.process, port);
    // Another process may have taken the port between choosing and binding it: choose again.
    if (!/Address already in use|BindException/.test(failure) || attempt === 3)
      throw new SandboxStartError(explain(failure));
  }
}

function running(child: ChildProcess, port: number): DynamoDb {
  let closing = false;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    died: new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        if (closing) return;
        // If only the shell ended, the emulator still holds the tables.
        child.stdin?.end();
        killGroup(child.pid);
        resolve(signal ?? `exit code ${code}`);
      });
    }),
    async close() {
      closing = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin?.end();
      await ended;
    },
  };
}

/** The process group contains only this emulator (`detached`). */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // No process of the group is left.
  }
}

const endWithTheParent =
  'exec 3<&0; "$@" </dev/null & emulator=$!; ' +
  '(cat <&3; kill $emulator; sleep 5; kill -9 $emulator) >/dev/null 2>&1 & ' +
  'watcher=$!; exec 3<&-; wait $emulator; status=$?; kill $watcher 2>/dev/null; exit $status';

interface EmulatorOptions {
  readonly heapMb: number;
  readonly dataDir: string | undefined;
  readonly apart: boolean;
}

function spawnEmulator(port: number, { heapMb, dataDir, apart }: EmulatorOptions) {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('amplify-dynamodb-simulator/package.json')),
    'emulator',
  );
  // SANDBOX_JAVA_OPTIONS: further options of the Java machine, separated by spaces.
  const { JAVA_HOME, SANDBOX_JAVA_OPTIONS = '' } = process.env;
  const java = JAVA_HOME === undefined ? 'java' : join(JAVA_HOME, 'bin', 'java');
  const child = spawn(
    'sh',
    [
      '-c',
      endWithTheParent,
      'dynamodb-local',
      java,
      `-Xmx${heapMb}m`,
      '-XX:+UseSerialGC',
      ...SANDBOX_JAVA_OPTIONS.split(' ').filter((option) => option !== ''),
      '-Djava.net.preferIPv4Stack=true',
      '-Djava.library.path=./DynamoDBLocal_lib',
      '-jar',
      'DynamoDBLocal.jar',
      '-port',
      String(port),
      ...(apart ? [] : ['-sharedDb']),
      '-disableTelemetry',
      ...(dataDir === undefined ? ['-inMemory'] : ['-dbPath', dataDir]),
    ],
    // A separate process group: Ctrl-C reaches the sandbox, which closes the emulator in order.
    { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  );
  child.stdin.on('error', () => {});
  let output = '';
  const collect = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-8192));
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  for (const stream of [child.stdout, child.stderr]) (stream as { unref?(): void }).unref?.();
  return { process: child, output: () => output };
}

/** Undefined once it answers; otherwise its output before it ended. */
async function untilReady(
  emulator: ReturnType<typeof spawnEmulator>,
  port: number,
): Promise<string | undefined> {
  const over = new AbortController();
  const ended = new Promise<string>((resolve) => {
    emulator.process.once('error', (cause) => resolve(String(cause)));
    emulator.process.once('close', (code) => resolve(`exit ${code}: ${emulator.output()}`));
  }).finally(() => over.abort());
  const probe = async () => {
    for (let tries = 0; tries < 1200 && !over.signal.aborted; tries++) {
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
      await answer?.arrayBuffer();
      if (answer?.status === 400) return undefined;
      await delay(50);
    }
    emulator.process.stdin?.end();
    return `DynamoDB Local did not answer within a minute: ${emulator.output()}`;
  };
  return Promise.race([ended, probe()]);
}

function explain(failure: string): string {
  const cure = 'install Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless)';
  if (/exit 127|ENOENT|not found/.test(failure)) return `Java is missing: ${cure}`;
  if (/UnsupportedClassVersionError|Unrecognized option/.test(failure))
    return `Java is too old for DynamoDB Local: ${cure}`;
  return `DynamoDB Local did not start: ${failure.replaceAll(/\s+/g, ' ').slice(-400)}`;
}
