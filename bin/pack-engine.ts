import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/*
 * npm run pack:engine [-- FOLDER]: the engine as a package of its own, one module and its types, packed into
 * FOLDER (this one unless told). Prints the file's name.
 */

const repository = fileURLToPath(new URL('..', import.meta.url));
const engine = join(repository, 'lambdas/pki');
const destination = resolve(process.argv[2] ?? '.');
const folder = mkdtempSync(join(tmpdir(), 'pack-engine-'));

try {
  await build({
    entryPoints: [join(engine, 'index.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    logLevel: 'error',
  });
  const types = join(folder, 'types');
  execFileSync(
    process.execPath,
    [
      join(repository, 'node_modules/typescript/bin/tsc'),
      '--ignoreConfig',
      '--emitDeclarationOnly',
      '--declaration',
      '--strict',
      '--skipLibCheck',
      '--allowImportingTsExtensions',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--lib',
      'es2024',
      '--types',
      'node',
      '--typeRoots',
      join(repository, 'node_modules/@types'),
      '--rootDir',
      engine,
      '--outDir',
      types,
      join(engine, 'index.ts'),
    ],
    { stdio: ['ignore', 2, 2] },
  );
  for (const name of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.d.ts')) nameModules(join(types, name));
  }
  for (const name of ['package.json', 'README.md'])
    copyFileSync(join(engine, name), join(folder, name));
  copyFileSync(join(repository, 'LICENSE'), join(folder, 'LICENSE'));
  mkdirSync(destination, { recursive: true });
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', destination], {
    cwd: folder,
    encoding: 'utf8',
  });
  console.log(join(destination, packed.trim()));
} finally {
  rmSync(folder, { recursive: true });
}

/** Declarations name each other as modules do once they are built. */
function nameModules(path: string): void {
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replaceAll(/(from |import\()'(\.[^']+)\.ts'/g, "$1'$2.js'"));
}
