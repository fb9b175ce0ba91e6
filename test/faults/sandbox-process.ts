import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../sandbox/cloud/free-port.ts';
import { findRunning, type RunningSandbox } from '../../sandbox/running.ts';

const start = fileURLToPath(new URL('../../sandbox/start.ts', import.meta.url));
const startsWithinMs = 300_000;

/** The real sandbox in a process of its own, with `--data`, on ports that it keeps over restarts. */
export class SandboxProcess {
  readonly dataDir: string;
  readonly #ports: { readonly api: number; readonly jlis: number };
  readonly #ownsFolder: boolean;
  #child: ChildProcess | undefined;
  #output = '';
  known!: RunningSandbox;

  private constructor(dataDir: string | undefined, api: number, jlis: number) {
    this.#ownsFolder = dataDir === undefined;
    this.dataDir = dataDir ?? mkdtempSync(join(tmpdir(), 'my-key-faults-'));
    this.#ports = { api, jlis };
  }

  static async open(dataDir?: string): Promise<SandboxProcess> {
    const sandbox = new SandboxProcess(dataDir, await freePort(), await freePort());
    await sandbox.start();
    return sandbox;
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const { api, jlis } = this.#ports;
    const options = ['--port', api, '--jlis-port', jlis, '--data', this.dataDir].map(String);
    const child = spawn(process.execPath, [start, ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    for (const until = performance.now() + startsWithinMs; !this.#output.includes('Ready in');) {
      if (child.exitCode !== null || performance.now() > until)
        throw new Error(`the sandbox did not start: ${this.#output.slice(-2000)}`);
      await delay(100);
    }
    this.known = (await findRunning(`http://localhost:${api}`))!;
  }

  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** The Java process of its tables. */
  emulator(): number {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const line = commandOf(pid);
      if (line[0]?.endsWith('java') && line.some((part) => part.startsWith(this.dataDir)))
        return Number(pid);
    }
    throw new Error('DynamoDB Local of this sandbox is not found');
  }

  /** Without a word to it. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#child!.once('exit', resolve));
    this.#child!.kill('SIGKILL');
    await ended;
    // What it has started ends by itself, with the pipe that closed.
    for (let tries = 0; tries < 100 && this.#emulatorRuns(); tries++) await delay(100);
  }

  #emulatorRuns(): boolean {
    try {
      return this.emulator() > 0;
    } catch {
      return false;
    }
  }

  /** `keep`: leaves a folder of its own where it is, with the functions' logs. */
  async close(keep = false): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
      await ended;
      clearTimeout(late);
    }
    if (this.#ownsFolder && !keep) rmSync(this.dataDir, { recursive: true, force: true });
  }
}

function commandOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
