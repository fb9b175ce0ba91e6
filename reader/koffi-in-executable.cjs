/**
 * Takes the place of koffi's package for one platform in the single executable. A native module can
 * be loaded from a file only: it is written to a new folder that no other user can write to
 * (mkdtemp), below TMPDIR, which must permit executables.
 */
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { constants, tmpdir } = require('node:os');
const { join } = require('node:path');
const { getRawAsset } = require('node:sea');

const folder = mkdtempSync(join(tmpdir(), 'mykey-reader-'));
const remove = () => rmSync(folder, { recursive: true, force: true });
try {
  const file = join(folder, 'koffi.node');
  writeFileSync(file, new Uint8Array(getRawAsset('koffi.node')), { mode: 0o500, flag: 'wx' });
  process.dlopen(module, file, constants.dlopen.RTLD_LAZY);
} finally {
  // Windows keeps the file of a loaded module: there it stays until the folder is cleaned.
  if (process.platform !== 'win32') remove();
}
