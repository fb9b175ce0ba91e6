import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { pinnedNode } from '../pinned-node.mjs';

const usage = `
Usage: npm run pack:reader [-- FOLDER]

Writes the counter's reader program as one executable file, with Node, PC/SC binding and all else inside, to
FOLDER (default dist), and the licences of its contents beside it. Prints the file's name. Node's documentation
calls this a single executable application.

The file is for the system and processor that build it: linux-x64, linux-arm64 or win32-x64, after npm ci
there. Not for macOS, whose files must be signed: there the reader program runs as npx mykey reader
(docs/counter.md).

使い方: npm run pack:reader [-- フォルダー]

窓口のリーダーのソフトを、必要なものをすべて含む実行ファイル 1 つにして、フォルダー(既定 dist)に書き出します。
実行ファイルは作った環境用です(linux-x64、linux-arm64、win32-x64。先に npm ci を実行)。macOS 用は署名が必要なため
作りません。macOS では npx mykey reader を使います(docs/counter.ja.md)。

Exit code: 0 written, 64 wrong usage, 69 not possible on this system.
`;

const repository = fileURLToPath(new URL('..', import.meta.url));
const argv = process.argv.slice(2);
if (argv.includes('--help') || argv.includes('-h')) {
  console.log(usage.trim());
  process.exit(0);
}
const [folderGiven, ...more] = argv;
if (more.length > 0 || folderGiven?.startsWith('-')) {
  const wrong = argv.find((word) => word.startsWith('-')) ?? more[0];
  end(64, `"${wrong}" is no folder; npm run pack:reader -- --help shows the usage`);
}
const destination = resolve(folderGiven ?? 'dist');
const { platform, arch } = process;
const node = pinnedNode(platform, arch);
if (node === undefined) {
  const cure =
    platform === 'darwin'
      ? 'run npx mykey reader there instead: files for macOS must be signed'
      : 'build it on linux-x64, linux-arm64 or win32-x64, or run npx mykey reader there instead';
  end(69, `no file is built for ${platform}-${arch}: ${cure}`);
}
const modules = join(repository, 'node_modules');
const koffi = `@koromix/koffi-${platform}-${arch}`;
const binding = join(modules, koffi, `${platform}_${arch}`, 'koffi.node');
for (const needed of [join(repository, node), binding]) {
  if (!existsSync(needed)) {
    end(69, `run npm ci on this machine: ${relative(repository, needed)} is missing`);
  }
}

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
    assets: { 'koffi.node': binding },
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

function end(code: number, message: string): never {
  console.error(`pack:reader: ${message}`);
  process.exit(code);
}
