import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { appendFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NotPossibleHere, type Scenario } from '../scenario.ts';
import { SandboxProcess } from '../sandbox-process.ts';
import { ReferenceModel } from '../reference-model.ts';
import { newKey, Stage } from '../stage.ts';

/** Room for a sandbox that has just begun, and little more. */
const diskMb = 96;

const run = (command: string, ...args: readonly (string | number)[]): void => {
  const { status, stderr, error } = spawnSync(command, args.map(String), { encoding: 'utf8' });
  if (error !== undefined || status !== 0)
    throw new NotPossibleHere(`${command}: ${(error?.message ?? stderr).trim()}`);
};

function fill(file: string): void {
  for (const block of [1 << 20, 1 << 12, 1]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(block));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
    }
  }
}

/** Of open files (proc_pid_limits(5)). */
const softLimitOf = (pid: number): string =>
  /^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))![1]!;

/** An ingestion that meets a full disk must say so: the function has 15 minutes, a person has not. */
const ingestionSaysSoWithinMs = 60_000;

export const machineFaults: readonly Scenario[] = [
  {
    name: 'disk-full',
    kind: 'fault',
    about: `a disk of ${diskMb} MB under --data is full while people log in and lists are loaded`,
    async run(stage) {
      const disk = mkdtempSync(join(tmpdir(), 'my-key-disk-'));
      try {
        run('mount', '-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', disk);
      } catch (cause) {
        rmSync(disk, { recursive: true });
        throw cause;
      }
      let sandbox: SandboxProcess | undefined;
      const model = new ReferenceModel();
      try {
        sandbox = await SandboxProcess.open(join(disk, 'data'));
        const full = new Stage(sandbox, model);
        await full.prepare();
        let note = '';
        let recoverySeconds = 0;
        await full.whileVisited(async () => {
          await full.jlis('crl/synthetic', { issuer: 'user-authentication-2023', count: 20_000 });
          const ballast = join(disk, 'ballast');
          fill(ballast);
          const { ok, ms } = await full.ingest();
          const free = statfsSync(disk).bavail;
          if (ok && free === 0) full.model.complain('wrong', 'lists were loaded to a full disk');
          if (ms > ingestionSaysSoWithinMs)
            full.model.complain('lost', `ingestion said nothing for ${Math.round(ms / 1000)} s`);
          note = `ingestion ${ok ? 'went on' : 'failed'} after ${(ms / 1000).toFixed(1)} s`;
          await delay(3_000);
          rmSync(ballast);
          recoverySeconds = await full.recovery();
        }, 2);
        const { ok, text } = await full.ingest();
        if (!ok)
          full.model.complain('lost', `lists are not loaded afterwards: ${text.slice(0, 200)}`);
        await full.audit();
        // What is kept must be enough for a new start, and no remains may be in it.
        await sandbox.kill();
        await sandbox.start();
        full.forgetTokens();
        await full.audit();
        const left = readdirSync(join(sandbox.dataDir, 's3'), { recursive: true }).map(String);
        const halves = left.filter((name) => name.endsWith('.new'));
        if (halves.length > 0) full.model.complain('wrong', 'halves of files are left');
        return { recoverySeconds, note };
      } finally {
        stage.model.add(model);
        await sandbox?.close();
        run('umount', '-l', disk);
        rmSync(disk, { recursive: true, force: true });
      }
    },
  },
  {
    name: 'few-file-handles',
    kind: 'fault',
    about: 'the sandbox may open eight more files and sockets (RLIMIT_NOFILE)',
    async run(stage) {
      const { pid } = stage.sandbox;
      const open = readdirSync(`/proc/${pid}/fd`).length;
      const before = softLimitOf(pid);
      run('prlimit', '--pid', pid, `--nofile=${open + 8}:`);
      try {
        await stage.whileVisited(() => delay(8_000), 12);
      } finally {
        run('prlimit', '--pid', pid, `--nofile=${before}:`);
      }
      return { recoverySeconds: await stage.recovery() };
    },
  },
  {
    name: 'sandbox-killed',
    kind: 'fault',
    about: 'SIGKILL under load, with a bulk job under way, and a new start with the same --data',
    async run(stage) {
      const service = stage.services[0]!;
      const jobId = await startJob(stage);
      const began = performance.now();
      let startedAfter = 0;
      let recoverySeconds = 0;
      await stage.whileVisited(async () => {
        await delay(500);
        await stage.sandbox.kill();
        const killedAt = performance.now();
        await stage.sandbox.start();
        startedAfter = (performance.now() - killedAt) / 1000;
        recoverySeconds = startedAfter + (await stage.recovery());
      });
      let state = 'checking';
      while (performance.now() - began < 180_000) {
        const { body } = await stage.call(service, 'GET', `/v1/revocations/jobs/${jobId}`);
        state = String(body['state']);
        if (['completed', 'failed', 'cancelled'].includes(state)) {
          const { rows } = (body['totals'] ?? {}) as { rows?: number };
          if (rows !== jobRows) stage.model.complain('lost', `a job: ${state}, ${rows} rows`);
          break;
        }
        await delay(500);
      }
      if (state !== 'completed') stage.model.complain('lost', `a job is ${state}`);
      return {
        recoverySeconds,
        note: `${startedAfter.toFixed(1)} s of it the start; job ${state}`,
      };
    },
  },
];

const jobRows = 400_000;

async function startJob(stage: Stage): Promise<string> {
  const service = stage.services[0]!;
  const rows = Array.from({ length: jobRows }, (_, n) => (0x7000_0000 + n).toString(16)).join('\n');
  const json = {
    format: 'csv',
    issuer: 'user-authentication-2023',
    serialFormat: 'hex',
    bytes: rows.length,
  };
  const key = { 'idempotency-key': newKey() };
  const created = await stage.call(service, 'POST', '/v1/revocations/jobs', json, key);
  const { jobId, upload } = created.body as {
    jobId: string;
    upload: { url: string; headers: Record<string, string> };
  };
  await fetch(upload.url, { method: 'PUT', headers: upload.headers, body: rows });
  await stage.call(service, 'POST', `/v1/revocations/jobs/${jobId}/start`);
  return jobId;
}
