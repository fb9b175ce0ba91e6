import { existsSync, readdirSync } from 'node:fs';

const capabilities = new URL('../lambdas/capabilities/', import.meta.url);

export interface CapabilityModule {
  /** The folder's name, which is also the name of the function it deploys. */
  readonly capability: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** Imports the named module of every capability folder that has it, sorted by folder name. */
export async function importFromCapabilities(file: string): Promise<readonly CapabilityModule[]> {
  const found: CapabilityModule[] = [];
  for (const { name, isFolder } of folders()) {
    const module = new URL(`${name}/${file}`, capabilities);
    if (!isFolder || !existsSync(module)) continue;
    const exports = (await import(module.href)) as CapabilityModule['exports'];
    found.push({ capability: name, exports });
  }
  return found;
}

const folders = () =>
  readdirSync(capabilities, { withFileTypes: true })
    .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
