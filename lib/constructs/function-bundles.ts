import { type BuildOptions, buildSync, version } from 'esbuild';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scopes } from '../operations.ts';
import { type BundledFile, bundleOf, cachedBundle } from './bundle-cache.ts';

const capabilitiesDirectory = fileURLToPath(
  new URL('../../lambdas/capabilities/', import.meta.url),
);

const lazyNodeHttp = fileURLToPath(new URL('./lazy-node-http.cjs', import.meta.url));

/** CommonJS parts of the AWS SDK load Node's built-in modules by `require`. */
const requireForModules =
  "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * Bundles each deployed entry into its own directory: `index.mjs` and, next to it, deployment.json
 * and the scopes of the API. The AWS SDK is bundled, so that the tested version is the deployed
 * one.
 */
export class FunctionBundles {
  readonly #directory = mkdtempSync(join(tmpdir(), 'my-key-bundles-'));

  constructor(deploymentFile: string) {
    for (const { path, contents } of (bundled ??= bundleEntries())) {
      const target = join(this.#directory, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, contents);
    }
    for (const name of deployedEntries) {
      copyFileSync(deploymentFile, join(this.#directory, name, 'deployment.json'));
      this.write(name, 'scopes.json', JSON.stringify(scopes));
    }
  }

  /** Adds a file to the asset directory of one function. */
  write(functionName: string, file: string, contents: string): void {
    writeFileSync(join(this.directoryOf(functionName), file), contents);
  }

  /** The asset directory of one function. */
  directoryOf(functionName: string): string {
    return join(this.#directory, functionName);
  }

  /**
   * CDK copies an asset when its function is defined, so the directory can be deleted after the
   * last one.
   */
  discard(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

/**
 * The entry file of every function, by function name: `<capability>/entry.ts` has its folder's
 * name, `<capability>/<name>-entry.ts` its own.
 */
const entryFiles: ReadonlyMap<string, string> = new Map(
  readdirSync(capabilitiesDirectory, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(^|[/-])entry\.ts$/.test(file))
    .map((file) => [functionNameOf(file), join(capabilitiesDirectory, file)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);

function functionNameOf(file: string): string {
  const name = basename(file, '.ts');
  return name === 'entry' ? basename(dirname(file)) : name.slice(0, -'-entry'.length);
}

/** The names of all functions that have an entry file. */
export const deployedEntries: readonly string[] = [...entryFiles.keys()];

/** Code does not depend on the stage, so a process bundles once. */
let bundled: readonly BundledFile[] | undefined;

const bundleRoot = '/bundles';
const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Bundles all entries in one esbuild call, in memory. Tests synthesise in many processes; they share a
 * cache by content, whose directory is BUNDLE_CACHE. A deployment has none.
 */
function bundleEntries(): readonly BundledFile[] {
  const directory = process.env['BUNDLE_CACHE'];
  const make = () => bundleOf(buildSync(options), bundleRoot);
  if (directory === undefined) return make().files;
  const sources = {
    root,
    parts: ['lambdas', 'reader', 'lib/constructs/lazy-node-http.cjs', 'tsconfig.json'],
    lockFile: join(root, 'node_modules/.package-lock.json'),
    // Entries and aliases are named without the folder of the project, which changes no bundle.
    settings: JSON.stringify([version, options]).replaceAll(root, ''),
  };
  return cachedBundle(directory, sources, make);
}

const options = {
  entryPoints: Object.fromEntries([...entryFiles].map(([name, file]) => [`${name}/index`, file])),
  outdir: bundleRoot,
  write: false,
  metafile: true,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  alias: { 'node:http': lazyNodeHttp },
  minify: true,
  legalComments: 'external',
  banner: { js: requireForModules },
  logLevel: 'error',
} as const satisfies BuildOptions;
