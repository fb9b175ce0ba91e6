import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyRegistry, type Registry } from './registry.ts';

/** The state that J-LIS keeps over a restart, including private keys. */
export interface JlisState {
  readonly version: 1;
  readonly authorities: Record<
    string,
    { readonly privateKey: string; readonly certificate: string }
  >;
  responderKey: string;
  /** PEM of the root of the cards' chips and of its subordinate key. */
  chipKeys?: { readonly root: string; readonly signer: string };
  /** Offset of the moved clock in milliseconds. */
  clockOffset: number;
  readonly registry: Registry;
}

export interface StateFile {
  readonly state: JlisState;
  save(): void;
}

/**
 * Reads `jlis.json` in the directory, or starts with an empty state; without a directory nothing is
 * saved.
 */
export function openState(dataDir: string | undefined): StateFile {
  const path = dataDir && join(dataDir, 'jlis.json');
  const state = (path && read(path)) || emptyState();
  return {
    state,
    save: () => {
      if (path) write(path, state);
    },
  };
}

const emptyState = (): JlisState => ({
  version: 1,
  authorities: {},
  responderKey: '',
  clockOffset: 0,
  registry: emptyRegistry(),
});

function read(path: string): JlisState | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const state = JSON.parse(text) as JlisState;
  if (state.version === 1) return state;
  throw new Error(`${path} was written by another version of the sandbox; remove it to start anew`);
}

/** Atomic: written to a temporary file and renamed; mode 0600. */
function write(path: string, state: JlisState): void {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, JSON.stringify(state), { mode: 0o600 });
  renameSync(beside, path);
}
