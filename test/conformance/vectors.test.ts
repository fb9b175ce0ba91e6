import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { peerNames, questions, readDifferences } from './run-vectors.ts';

// Each case runs all vectors in a process of its own.
jest.setTimeout(90_000);
const program = fileURLToPath(new URL('run.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'conformance-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** With nothing to run but, where there is a script, a python3 that is it. */
function runWith(script: string | undefined, ...argv: readonly string[]) {
  const path = join(folder, script === undefined ? 'none' : 'fake');
  mkdirSync(path, { recursive: true });
  if (script !== undefined) {
    writeFileSync(join(path, 'python3'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return spawnSync(process.execPath, [program, '--vectors', ...argv], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  });
}

describe('npm run conformance -- --vectors', () => {
  it('classifies differences in cases that there are, each once for a peer', () => {
    const names = new Set(questions().map(({ name }) => name));
    for (const [peer, reasons] of Object.entries(readDifferences())) {
      const cases = Object.values(reasons).flat();
      expect(peerNames).toContain(peer);
      expect(cases.filter((one) => !names.has(one))).toEqual([]);
      expect(new Set(cases).size).toBe(cases.length);
    }
  });

  it('asks nobody else about the bounds of this engine’s search', () => {
    expect(questions().filter(({ name }) => name.startsWith('paths/budget/'))).toEqual([]);
    expect(questions().length).toBeGreaterThan(500);
  });

  it('names the peers that are absent, and holds here without them', () => {
    const { status, stdout } = runWith(undefined);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^(\d+) cases; here \1 as expected, 0 not\n/);
    expect(stdout.match(/is absent/g)).toHaveLength(peerNames.length);
  });

  it('ends with 69 where the one peer that was asked for is absent', () => {
    const { status, stderr } = runWith(undefined, '--peer', 'jdk');
    expect({ status, stderr }).toEqual({
      status: 69,
      stderr: 'conformance: JDK is absent (java)\n',
    });
  });

  it('ends with 1 over differences that nobody has classified', () => {
    const { status, stdout } = runWith(
      'echo 1.0; while read -r line; do echo good; done',
      '--peer',
      'python',
    );
    expect(status).toBe(1);
    expect(stdout).toContain('not classified: ocsp/unknown: refused here, good there\n');
    expect(stdout).toMatch(/ {2}paths: \d+ of \d+ alike \(\d\d\.\d %\), 0 not asked\n/);
  });

  it('names the case over which a peer ended', () => {
    const { status, stderr } = runWith('echo 1.0; read -r line; echo good', '--peer', 'openssl');
    expect(status).toBe(70);
    expect(stderr).toMatch(/^conformance: OpenSSL ended over paths\//);
  });

  it('wants a peer that there is', () => {
    expect(runWith(undefined, '--peer', 'gnutls').status).toBe(64);
  });
});
