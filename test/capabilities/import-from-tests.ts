import { existsSync, readdirSync } from 'node:fs';

const here = new URL('./', import.meta.url);

/** One module of every capability's tests that has it: what suites over all capabilities expect of each. */
export async function importFromTests<Module>(file: string): Promise<readonly Module[]> {
  const modules: Module[] = [];
  for (const name of readdirSync(here).sort()) {
    const module = new URL(`${name}/${file}`, here);
    if (existsSync(module)) modules.push((await import(module.href)) as Module);
  }
  return modules;
}
