import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { PkitsArchiveError, readPkitsArchive, readPkitsCases } from './pkits-source.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pkits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const definitions = JSON.parse(
  readFileSync(new URL('pkits-cases.json', import.meta.url), 'utf8'),
) as readonly { readonly certNames: readonly string[]; readonly crlNames: readonly string[] }[];
const names = [
  ...new Set(
    definitions.flatMap(({ certNames, crlNames }) => [
      ...certNames.map((name) => `certs/${name}.crt`),
      ...crlNames.map((name) => `crls/${name}.crl`),
    ]),
  ),
];

/** An archive of these files; the content of each is its own name. */
function archiveOf(files: readonly string[], under = ''): string {
  const path = join(folder, `${files.length}${under.replaceAll('/', '-')}.zip`);
  const content = files.map((name) => [`${under}${name}`, Buffer.from(name)] as const);
  writeFileSync(path, zipSync({ ...Object.fromEntries(content), 'ReadMe.txt': Buffer.of(0x20) }));
  return path;
}

/** Runs the command in a copy of the project without the shared folder. */
function runAlone(...argv: readonly string[]) {
  return spawnAlone('test/pki/path/run-pkits.ts', ...argv);
}

function spawnAlone(...argv: readonly string[]) {
  const copy = join(folder, 'copy/project');
  mkdirSync(copy, { recursive: true });
  const parts = ['test', 'lambdas', 'lib', 'sandbox', 'reader', 'jest.config.mjs', 'package.json'];
  for (const part of parts) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  try {
    return spawnSync(process.execPath, argv, {
      cwd: copy,
      encoding: 'utf8',
      // 249 failures, each with its place in the code, are about a megabyte, Node's bound.
      maxBuffer: 16_000_000,
    });
  } finally {
    rmSync(copy, { recursive: true });
  }
}

describe('the PKITS archive', () => {
  it('is read by file names, in any folder of the archive', () => {
    for (const under of ['', 'PKITS_data/']) {
      const cases = readPkitsArchive(archiveOf(names, under));
      expect(cases).toHaveLength(249);
      expect(Buffer.from(cases[0]!.certs[0]!, 'base64').toString()).toBe(
        'certs/TrustAnchorRootCertificate.crt',
      );
      expect(Buffer.from(cases[0]!.crls[1]!, 'base64').toString()).toBe('crls/GoodCACRL.crl');
    }
  });

  it('is refused if a file is missing; the error names the file', () => {
    const without = names.filter((name) => name !== 'crls/GoodCACRL.crl');
    const read = () => readPkitsArchive(archiveOf(without));
    expect(read).toThrow(PkitsArchiveError);
    expect(read).toThrow(
      /incomplete: 1 of its files are missing, crls\/GoodCACRL\.crl first; NIST/,
    );
  });

  it('is refused if it is truncated', () => {
    const whole = readFileSync(archiveOf(names));
    const cut = join(folder, 'cut.zip');
    writeFileSync(cut, whole.subarray(0, whole.length / 2));
    expect(() => readPkitsArchive(cut)).toThrow(/no whole ZIP archive/);
  });

  it('takes precedence over the shared file', () => {
    expect(readPkitsCases({ PKITS_ARCHIVE: archiveOf(names) })).toHaveLength(249);
  });
});

// Each test copies the project and starts a process.
jest.setTimeout(90_000);

describe('npm run test:pkits', () => {
  it('does not exit with 0 if there is nothing to run', () => {
    const { status, stdout, stderr } = runAlone();
    expect({ status, stdout }).toEqual({ status: 66, stdout: '' });
    expect(stderr).toMatch(/^test:pkits: nothing was run: .*https:\/\/csrc\.nist\.gov\/.*\n$/);
  });

  it.each([
    ['an incomplete archive', archiveOf(names.slice(1)), 65, /is incomplete/],
    ['an archive that is not there', join(folder, 'none.zip'), 66, /ENOENT/],
  ])('exits with a code of its own for %s', (_what, file, code, message) => {
    const { status, stderr } = runAlone('--from', file);
    expect(status).toBe(code);
    expect(stderr).toMatch(message);
  });

  it('runs the cases of an archive and reports those that fail', () => {
    // The content of every file is only its name, so every case fails, and the forged one.
    const { status, stderr } = runAlone('--from', archiveOf(names));
    expect(status).toBe(1);
    expect(stderr).toMatch(/Tests: +250 failed, 1 passed, 251 total/);
  });

  it('is counted as skipped in a whole run without the shared file', () => {
    const { status, stderr } = spawnAlone(
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      'test/pki/path/pkits.test.ts',
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/Tests: +249 skipped, 249 total/);
  });
});
