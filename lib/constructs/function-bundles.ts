import { buildSync, type OutputFile } from 'esbuild';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scopes } from '../operations.ts';

const capabilitiesDirectory = fileURLToPath(
  new URL('../../lambdas/capabilities/', import.meta.url),
);

const lazyNodeHttp = fileURLToPath(new URL('./lazy-node-http.cjs', import.meta.url));

/** CommonJS parts of the AWS SDK ask for Node's built-ins by `require`. */
const requireForModules =
  "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * Bundles every deployed entry into a directory of its own: `index.mjs` and, beside it, the
 * deployment's trust and operator key and the scopes of the API. The AWS SDK goes in too: what was
 * tested is what runs.
 */
export class FunctionBundles {
  readonly #directory = mkdtempSync(join(tmpdir(), 'my-key-bundles-'));

  constructor(deploymentFile: string) {
    for (const { path, contents } of (bundled ??= bundleEntries())) {
      const target = join(this.#directory, relative(bundleRoot, path));
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

  /** CDK copies an asset when its function is defined: after the last one, nothing here is needed. */
  discard(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

/**
 * The entry file of every function, by function name: `<capability>/entry.ts` is named after its
 * folder, `<capability>/<name>-entry.ts` after itself.
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

/** The functions that have an entry file. */
export const deployedEntries: readonly string[] = [...entryFiles.keys()];

/** Code does not depend on the stage: one process bundles once. */
let bundled: readonly OutputFile[] | undefined;

const bundleRoot = '/bundles';

/** All entries in one go, in memory. */
function bundleEntries(): readonly OutputFile[] {
  return buildSync({
    entryPoints: Object.fromEntries([...entryFiles].map(([name, file]) => [`${name}/index`, file])),
    outdir: bundleRoot,
    write: false,
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
  }).outputFiles;
}
