// Loaded before every command: Node 24 comes with `npm ci` where a package has it.
import { wayToNode24 } from './pinned-node.mjs';

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  const way = wayToNode24(process.platform, process.arch);
  console.error(`Node 24 or newer is needed, this is ${process.versions.node}: ${way}.`);
  process.exit(1);
}
