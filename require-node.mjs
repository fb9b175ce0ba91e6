// Loaded before every command: Node 24 comes with `npm ci` on Linux; elsewhere it has to be there.
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `Node 24 or newer is needed, this is ${process.versions.node}: run it through npm after "npm ci" (Linux), or install Node 24 from nodejs.org.`,
  );
  process.exit(1);
}
