import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdDataFolder } from '../../sandbox/data-folder.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'my-key-data-')), 'data');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const locks = () => readdirSync(folder).filter((name) => name.startsWith('lock.'));
const modeOf = (...path: string[]) => (statSync(join(folder, ...path)).mode & 0o777).toString(8);

/** A lock as the process with this number leaves it. */
const lockOf = (pid: number, start: number) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `lock.${pid}.${start}`), '');
};

describe('the folder of --data', () => {
  it('is held by one sandbox, until it is released', () => {
    const first = holdDataFolder(folder);
    expect(() => holdDataFolder(folder)).toThrow(
      `${folder} is in use by process ${process.pid}: stop that sandbox (kill ${process.pid}) or give another --data`,
    );
    first.release();
    holdDataFolder(folder).release();
    expect(locks()).toEqual([]);
  });

  it('is refused where a later release wrote it, and then is held by nobody', () => {
    holdDataFolder(folder).release();
    expect(readFileSync(join(folder, 'layout'), 'utf8')).toBe('2\n');
    for (const noted of ['3', 'two']) {
      writeFileSync(join(folder, 'layout'), noted);
      expect(() => holdDataFolder(folder)).toThrow(
        `${folder} was written by a later release (layout ${noted}, this release reads up to 2): start that release on it, or give another --data`,
      );
    }
    expect(locks()).toEqual([]);
  });

  it('is held by another process that runs', () => {
    const other = spawn('sleep', ['60']);
    lockOf(other.pid!, 0);
    expect(() => holdDataFolder(folder)).toThrow(`is in use by process ${other.pid}`);
    expect(locks()).toEqual([`lock.${other.pid}.0`]);
    other.kill('SIGKILL');
  });

  it('is free again when the process was killed, or its number is that of another one now', () => {
    const { pid } = spawnSync('true');
    lockOf(pid, 17);
    // This test's parent runs, and did not begin with the machine.
    lockOf(process.ppid, 1);
    holdDataFolder(folder).release();
    expect(locks()).toEqual([]);
  });

  it('is for its owner alone, with everything that was in it', () => {
    mkdirSync(join(folder, 's3'), { recursive: true });
    writeFileSync(join(folder, 's3', 'object.data'), '');
    writeFileSync(join(folder, 'kms.json'), '');
    for (const path of ['.', 's3', 's3/object.data', 'kms.json'])
      chmodSync(join(folder, path), 0o755);
    const { release } = holdDataFolder(folder);
    expect([modeOf(), modeOf('s3'), modeOf('s3', 'object.data'), modeOf('kms.json')]).toEqual([
      '700',
      '700',
      '600',
      '600',
    ]);
    expect(modeOf(locks()[0]!)).toBe('600');
    release();
  });
});
