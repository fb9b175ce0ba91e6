import type { BuildResult, Metafile } from 'esbuild';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { removeUnused } from './remove-unused.ts';

/** One file of a bundle; `path` is relative to the bundle's root. */
export interface BundledFile {
  readonly path: string;
  readonly contents: Uint8Array;
}

export interface BundleSources {
  /** Directory that all paths are relative to. */
  readonly root: string;
  /** Directories and files that the bundle may be made of, besides node_modules. */
  readonly parts: readonly string[];
  /** The file that pins the contents of node_modules. */
  readonly lockFile: string;
  /** Everything else that the bundle depends on: options and version of the bundler. */
  readonly settings: string;
}

export interface Bundle {
  readonly files: readonly BundledFile[];
  readonly inputs: Metafile['inputs'];
}

/** The result of an esbuild call with `write: false` and `metafile: true`. */
export const bundleOf = (
  { outputFiles, metafile }: BuildResult<{ write: false; metafile: true }>,
  outdir: string,
): Bundle => ({
  files: outputFiles.map(({ path, contents }) => ({ path: relative(outdir, path), contents })),
  inputs: metafile.inputs,
});

/**
 * The bundle of these sources: from `directory`, if it was made of the same octets before, otherwise from
 * `make`. The key is a digest of every source file, the lock file and the settings, so a changed file is
 * never served from the cache. Bundles that no call used for 14 days are removed when another is kept.
 *
 * @throws Error if the bundle has an input that the key does not cover
 */
export function cachedBundle(
  directory: string,
  sources: BundleSources,
  make: () => Bundle,
): readonly BundledFile[] {
  const kept = join(directory, keyOf(sources));
  const found = filesIn(kept);
  if (found !== undefined) return found;
  const { files, inputs } = make();
  for (const input of Object.keys(inputs)) assertCovered(input, sources);
  mkdirSync(directory, { recursive: true });
  const unfinished = mkdtempSync(join(directory, 'unfinished-'));
  for (const { path, contents } of files) {
    const target = join(unfinished, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, contents);
  }
  try {
    renameSync(unfinished, kept);
  } catch {
    // Another process has finished the same bundle meanwhile.
    rmSync(unfinished, { recursive: true });
  }
  removeUnused(directory, Date.now());
  return files;
}

function keyOf({ root, parts, lockFile, settings }: BundleSources): string {
  const key = createHash('sha256');
  const add = (text: string | Uint8Array): void => {
    key.update(`${text.length}:`).update(text);
  };
  add(settings);
  add(readFileSync(lockFile));
  for (const part of parts) {
    for (const file of filesOf(join(root, part))) {
      add(relative(root, file));
      add(readFileSync(file));
    }
  }
  return key.digest('hex');
}

/** The file itself, or the files below a directory, sorted. */
function filesOf(path: string): readonly string[] {
  let entries;
  try {
    entries = readdirSync(path, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [path];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Marks the bundle as used, before it is read. */
function filesIn(kept: string): readonly BundledFile[] | undefined {
  try {
    utimesSync(kept, new Date(), new Date());
    return filesOf(kept).map((file) => ({
      path: relative(kept, file),
      contents: readFileSync(file),
    }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function assertCovered(input: string, { root, parts }: BundleSources): void {
  const path = resolve(input);
  const isCovered =
    /[\\/]node_modules[\\/]/.test(path) ||
    input.startsWith('(disabled):') ||
    parts.some((part) => path === join(root, part) || path.startsWith(join(root, part) + '/'));
  if (!isCovered)
    throw new Error(`${input} is part of the bundle, but not of the key of its cache`);
}
