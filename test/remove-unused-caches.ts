import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeUnused } from '../lib/constructs/remove-unused.ts';

/** Before a run of tests: what Node compiled 14 days ago or earlier is compiled again where it is needed. */
export default function removeUnusedCaches(): void {
  const compiled = process.env['NODE_COMPILE_CACHE'];
  if (compiled === undefined || !existsSync(compiled)) return;
  // A directory for each version of Node, which Node writes to without reading all of it.
  for (const version of readdirSync(compiled)) removeUnused(join(compiled, version), Date.now());
}
