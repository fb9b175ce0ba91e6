#!/usr/bin/env node
/**
 * `npx mykey <command>`. Plain JavaScript, so that any Node version can parse it; the commands are
 * TypeScript and run on the Node 24 that `npm ci` installs.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pinnedNode, wayToNode24 } from '../pinned-node.mjs';

/**
 * Each module exports `name`, `summary` and `run(argv): Promise<exit code>`; it is loaded when
 * called.
 */
const commands = {
  verify: () => import('./verify.ts'),
  crl: () => import('./crl.ts'),
  bulk: () => import('./bulk.ts'),
  token: () => import('./token.ts'),
  jwks: () => import('./jwks.ts'),
  service: () => import('./service.ts'),
  person: () => import('./person.ts'),
  rights: () => import('./rights.ts'),
  reseal: () => import('./reseal.ts'),
  smoke: () => import('./smoke.ts'),
  logs: () => import('./logs.ts'),
  reader: () => import('./reader.ts'),
  library: () => import('./library.ts'),
  attributes: () => import('./attributes.ts'),
};

/** sysexits.h: EX_USAGE, EX_UNAVAILABLE, EX_SOFTWARE. */
const exitUsage = 64;
const exitUnavailable = 69;
const exitSoftware = 70;
/** The exit code that shells report for SIGPIPE. */
const exitPipe = 141;

// The reader of standard output may stop early, as head does: then exit instead of waiting.
process.stdout.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitPipe);
});

const [major = 0] = process.versions.node.split('.').map(Number);
process.exitCode =
  major >= 24
    ? await dispatch(process.argv[2], process.argv.slice(3))
    : await runOnPinnedNode(process.argv.slice(2));

/**
 * @param {string | undefined} name
 * @param {string[]} argv
 */
async function dispatch(name, argv) {
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    console.log(await help());
    return name === undefined ? exitUsage : 0;
  }
  const load = Object.hasOwn(commands, name)
    ? commands[/** @type {keyof typeof commands} */ (name)]
    : undefined;
  if (load === undefined) {
    console.error(`mykey: no command "${name}"; npx mykey --help lists them`);
    return exitUsage;
  }
  const command = await load();
  return command.run(argv);
}

async function help() {
  const loaded = await Promise.all(Object.values(commands).map((load) => load()));
  const width = Math.max(...loaded.map((command) => command.name.length));
  return [
    'Usage: npx mykey <command> [options]',
    '',
    ...loaded.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'npx mykey <command> --help says more. Outside this checkout npx looks for a package of this name,',
    'which is not ours: npx --no mykey never fetches one.',
  ].join('\n');
}

/** @param {string[]} argv */
async function runOnPinnedNode(argv) {
  const { platform, arch, versions } = process;
  const path = pinnedNode(platform, arch);
  const pinned = path && fileURLToPath(new URL(`../${path}`, import.meta.url));
  if (pinned === undefined || !existsSync(pinned)) {
    const way = wayToNode24(platform, arch);
    console.error(`mykey: needs Node 24 or newer, this is ${versions.node}: ${way}`);
    return exitUnavailable;
  }
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...argv], { stdio: 'inherit' });
  // Ctrl-C is delivered to the whole process group: the command handles it, this process only
  // waits.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const signals = { SIGINT: 130, SIGTERM: 143 };
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`mykey: ${error.message}`);
      resolve(exitUnavailable);
    });
    child.on('exit', (code, signal) => {
      resolve(code ?? signals[/** @type {keyof typeof signals} */ (signal)] ?? exitSoftware);
    });
  });
}
