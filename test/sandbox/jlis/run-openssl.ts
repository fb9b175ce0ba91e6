import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from '@jest/globals';

/** Whether this machine has the `openssl` command; it ships with most systems, not with this project. */
const present = spawnSync('openssl', ['version']).status === 0;

/** A test against OpenSSL; counted as skipped, by name, on a machine that has none. */
export const itWithOpenssl = present ? it : it.skip;

export interface OpensslRun {
  readonly code: number;
  /** stdout and stderr. */
  readonly output: string;
}

/** Runs without a shell and without blocking, so that a server of this process can answer it. */
export const openssl = (...args: readonly string[]): Promise<OpensslRun> =>
  new Promise((resolve) => {
    execFile(
      'openssl',
      [...args],
      { timeout: 15_000, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
      },
    );
  });

/** A directory for files that OpenSSL reads, and the function that removes it. */
export function scratchDirectory(): {
  readonly path: string;
  file(name: string, content: string | Uint8Array): string;
  remove(): void;
} {
  const path = mkdtempSync(join(tmpdir(), 'jlis-'));
  return {
    path,
    file: (name, content) => {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(path, { recursive: true }),
  };
}

export const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;
