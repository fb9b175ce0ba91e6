import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SandboxStartError } from './cloud/sandbox-start-error.ts';

/** A folder held exclusively by this sandbox until it is released. */
export interface HeldFolder {
  readonly release: () => void;
}

/**
 * Takes exclusive use of the folder of `--data`, which must contain no foreign files and be
 * unreadable for other users (it contains private keys). Each sandbox writes a lock under its own
 * name, so that two started at the same moment detect each other; a lock of a killed process is
 * recognised because that process no longer exists or its id belongs to another one.
 *
 * @throws SandboxStartError naming the process that holds the folder, or for a folder of a later
 *   release
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
  try {
    noteLayout(folder);
  } catch (cause) {
    release();
    throw cause;
  }
  keepToOwner(folder);
  return { release };
}

const prefix = 'lock.';

/**
 * Layout of what is stored below `--data`. 1, not noted in the folder: identity records in the clear,
 * read by `cloud/upgrade`. 2: sealed identity records.
 */
const layout = 2;

/** A later release may have written what this one would read wrongly. */
function noteLayout(folder: string): void {
  const file = join(folder, 'layout');
  const noted = existsSync(file) ? readFileSync(file, 'utf8').trim() : '1';
  if (!/^\d+$/.test(noted) || Number(noted) > layout)
    throw new SandboxStartError(
      `${folder} was written by a later release (layout ${noted}, this release reads up to ${layout}):` +
        ' start that release on it, or give another --data',
    );
  writeFileSync(file, `${layout}\n`, { mode: 0o600 });
}

function inUse(folder: string, pid: number, lock: string): SandboxStartError {
  return new SandboxStartError(
    `${folder} is in use by process ${pid}: stop that sandbox (kill ${pid}) or give another --data` +
      ` (lock: ${join(folder, lock)})`,
  );
}

/**
 * True if the process is alive and is the one that wrote the lock, not a later one with the same
 * id.
 */
function runs(pid: number, start: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === undefined || start === 0 || now === start;
}

/**
 * Start time of a process in kernel ticks (proc_pid_stat(5), field 22); undefined without /proc.
 */
function startOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name is in parentheses and may contain spaces.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return undefined;
  }
}

/** Restricts files of earlier versions, which relied on the umask: 0600, folders 0700. */
function keepToOwner(path: string): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) return;
  const wanted = found.mode & (found.isDirectory() ? 0o700 : 0o600);
  if ((found.mode & 0o777) !== wanted) chmodSync(path, wanted);
  if (!found.isDirectory()) return;
  for (const name of readdirSync(path)) keepToOwner(join(path, name));
}
