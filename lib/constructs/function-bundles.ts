import { buildSync } from 'esbuild';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const entriesDirectory = fileURLToPath(new URL('../../lambdas/handlers/entries/', import.meta.url));

const lazyNodeHttp = fileURLToPath(new URL('./lazy-node-http.cjs', import.meta.url));

/** CommonJS parts of the AWS SDK ask for Node's built-ins by `require`. */
const requireForModules =
  "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

/**
 * Bundles every deployed entry, in one go, into a directory of its own: `index.mjs` and, beside it,
 * the deployment's trust and operator key. The AWS SDK goes in too: what was tested is what runs.
 */
export class FunctionBundles {
  readonly #deploymentFile: string;
  #directory: string | undefined;

  constructor(deploymentFile: string) {
    this.#deploymentFile = deploymentFile;
  }

  /** The asset directory of one function. */
  directoryOf(functionName: string): string {
    this.#directory ??= bundleEntries(this.#deploymentFile);
    return join(this.#directory, functionName);
  }
}

/** The functions that have an entry file. */
export const deployedEntries: readonly string[] = readdirSync(entriesDirectory)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'))
  .sort();

function bundleEntries(deploymentFile: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'my-key-bundles-'));
  // CDK copies an asset when its function is defined; nothing here is needed after the process.
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  buildSync({
    entryPoints: Object.fromEntries(
      deployedEntries.map((name) => [`${name}/index`, join(entriesDirectory, `${name}.ts`)]),
    ),
    outdir: directory,
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
  });
  for (const name of deployedEntries)
    copyFileSync(deploymentFile, join(directory, name, 'deployment.json'));
  return directory;
}
