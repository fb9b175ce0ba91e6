import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SandboxStartError } from './cloud/sandbox-start-error.ts';

/** A folder that is this sandbox's alone until it is released. */
export interface HeldFolder {
  readonly release: () => void;
}

/**
 * Takes the folder of `--data` for this process: nobody else's files are in it, and nobody else may
 * read what is (it holds private keys). Each sandbox leaves a lock under a name of its own, so that
 * two that start at the same moment see each other; the lock of one that was killed is recognised by
 * its process, which is gone or is another one by now.
 *
 * @throws SandboxStartError naming the process that has the folder
 */
export function holdDataFolder(folder: string): HeldFolder {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const mine = `${prefix}${process.pid}.${startOf(process.pid) ?? 0}`;
  const release = (): void => rmSync(join(folder, mine), { force: true });
  try {
    writeFileSync(join(folder, mine), '', { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw inUse(folder, process.pid, mine);
  }
  for (const name of readdirSync(folder)) {
    const [, pid, start] = /^lock\.(\d+)\.(\d+)$/.exec(name) ?? [];
    if (pid === undefined || name === mine) continue;
    if (runs(Number(pid), Number(start))) {
      release();
      throw inUse(folder, Number(pid), name);
    }
    rmSync(join(folder, name), { force: true });
  }
  keepToOwner(folder);
  return { release };
}

const prefix = 'lock.';

function inUse(folder: string, pid: number, lock: string): SandboxStartError {
  return new SandboxStartError(
    `${folder} is in use by process ${pid}: stop that sandbox (kill ${pid}) or give another --data` +
      ` (lock: ${join(folder, lock)})`,
  );
}

/** Is the process alive, and the one that wrote the lock rather than a later one of its number. */
function runs(pid: number, start: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === undefined || start === 0 || now === start;
}

/** When a process began, in the kernel's ticks (proc_pid_stat(5), field 22); undefined without /proc. */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name stands in parentheses and may hold blanks.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

/** What was written before, by a version that left it to the umask: 0600, folders 0700. */
function keepToOwner(path: string): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return;
  const wanted = found.mode & (found.isDirectory() ? 0o700 : 0o600);
  if ((found.mode & 0o777) !== wanted) chmodSync(path, wanted);
  if (!found.isDirectory()) return;
  for (const name of readdirSync(path)) keepToOwner(join(path, name));
}
