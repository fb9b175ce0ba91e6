import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { pinnedNode } from '../pinned-node.mjs';

/*
 * npm run pack:reader [-- FOLDER]: the reader program as one executable file for this platform, with Node,
 * PC/SC binding and all else inside, written to FOLDER (dist unless told) beside its licences. Prints the
 * file's name. Node's documentation calls this a single executable application.
 */

const repository = fileURLToPath(new URL('..', import.meta.url));
const destination = resolve(process.argv[2] ?? 'dist');
const { platform, arch } = process;
const node = pinnedNode(platform, arch);
if (node === undefined) {
  console.error(
    `pack:reader: no Node 24 comes with npm ci on ${platform}-${arch}; not built there`,
  );
  process.exit(69);
}
const modules = join(repository, 'node_modules');
const koffi = `@koromix/koffi-${platform}-${arch}`;

/** Where the bundle asks for koffi's package of this platform, it gets the asset in the executable. */
const koffiFromAsset: Plugin = {
  name: 'koffi-from-asset',
  setup(bundle) {
    bundle.onResolve({ filter: /^@koromix\/koffi-/ }, ({ path }) =>
      path === koffi
        ? { path: join(repository, 'reader/koffi-in-executable.cjs') }
        : { path, external: true },
    );
  },
};

const folder = mkdtempSync(join(tmpdir(), 'pack-reader-'));
try {
  const bundle = join(folder, 'reader.cjs');
  await build({
    entryPoints: [join(repository, 'reader/executable.ts')],
    outfile: bundle,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    plugins: [koffiFromAsset],
    // Its CommonJS form, whose `require` of the platform's package esbuild can follow.
    alias: { koffi: join(modules, 'koffi/index.cjs') },
    logLevel: 'error',
  });
  const blob = join(folder, 'reader.blob');
  const configuration = {
    main: bundle,
    output: blob,
    disableExperimentalSEAWarning: true,
    assets: { 'koffi.node': join(modules, koffi, `${platform}_${arch}`, 'koffi.node') },
  };
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(configuration));
  execFileSync(join(repository, node), ['--experimental-sea-config', join(folder, 'sea.json')], {
    stdio: 'pipe',
  });
  mkdirSync(destination, { recursive: true });
  const called = `mykey-reader-${platform}-${arch}`;
  const executable = join(destination, platform === 'win32' ? `${called}.exe` : called);
  rmSync(executable, { force: true });
  copyFileSync(join(repository, node), executable);
  chmodSync(executable, 0o755);
  // Node looks for this word in its own file.
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
  execFileSync(
    process.execPath,
    [join(modules, 'postject/dist/cli.js'), executable, 'NODE_SEA_BLOB', blob].concat(
      '--sentinel-fuse',
      fuse,
    ),
    // It reports each section that it cannot name; a failure is its exit code.
    { stdio: 'ignore' },
  );
  writeFileSync(join(destination, `${called}-licences.txt`), licences());
  console.log(executable);
} finally {
  rmSync(folder, { recursive: true });
}

/** The licences of what the file contains; each asks to be passed on with it. */
function licences(): string {
  const parts: readonly [string, string][] = [
    ['My Key Platform', join(repository, 'LICENSE')],
    ['Node.js and what it contains', join(repository, node!, '../../LICENSE')],
    ['koffi', join(modules, 'koffi/LICENSE.txt')],
    ['jose', join(modules, 'jose/LICENSE.md')],
    ['zod', join(modules, 'zod/LICENSE')],
  ];
  return parts
    .map(([name, file]) => `${name}\n${'='.repeat(name.length)}\n\n${readFileSync(file, 'utf8')}`)
    .join('\n\n');
}
