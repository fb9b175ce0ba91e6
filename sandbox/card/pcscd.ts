import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VpcdSlot } from './vpcd.ts';

const driver = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so';
const runFolder = '/run/pcscd';

/** What this machine lacks for a virtual reader; undefined if nothing. */
export function pcscdLacks(): string | undefined {
  if (process.platform !== 'linux') return 'Linux';
  if (process.getuid?.() !== 0) return 'the rights of root';
  if (!existsSync('/usr/sbin/pcscd')) return 'the package pcscd';
  if (!existsSync(driver)) return 'the package vsmartcard-vpcd';
  if (spawnSync('ip', ['-V']).error) return 'the package iproute2';
  if (spawnSync('unshare', ['--net', 'true']).status !== 0) return 'network namespaces (unshare)';
  return undefined;
}

/** A smart card service with one virtual reader of two slots. */
export interface PcscdSandbox {
  readonly slots: readonly [VpcdSlot, VpcdSlot];
  /** Ends the service, as Windows does when the last reader is disconnected. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

export const virtualReader = 'My Key virtual reader';
/** As PC/SC names the two slots. */
export const slotNames = [`${virtualReader} 00 00`, `${virtualReader} 00 01`] as const;

/** Waits while another process of this machine uses pcscd's only socket. */
export async function startPcscd(waitMs = 120_000): Promise<PcscdSandbox> {
  const lacking = pcscdLacks();
  if (lacking) throw new Error(`the virtual reader needs ${lacking}`);
  const until = Date.now() + waitMs;
  while (await serviceAnswers()) {
    if (Date.now() > until) throw new Error('another pcscd runs here; stop it first');
    await pause(500);
  }
  const folder = mkdtempSync(join(tmpdir(), 'my-key-pcscd-'));
  writeConfiguration(folder);
  const slots = [0, 1].map((n) => new VpcdSlot(join(folder, `slot-${n}`)));
  let running: ChildProcess | undefined;
  const sandbox: PcscdSandbox = {
    slots: [slots[0]!, slots[1]!],
    start: async () => {
      // Files of a killed daemon would prevent the next start.
      for (const stale of ['pcscd.comm', 'pcscd.pid']) {
        rmSync(join(runFolder, stale), { force: true });
      }
      const script = fileURLToPath(new URL('./pcscd-namespace.ts', import.meta.url));
      running = spawn('unshare', ['--net', process.execPath, script, folder, String(port)], {
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      await answersWithin(15_000, running);
    },
    stop: async () => {
      const child = running;
      running = undefined;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => {
        child.once('exit', resolve);
      });
      child.kill('SIGTERM');
      await ended;
    },
    close: async () => {
      await sandbox.stop();
      await Promise.all(slots.map((slot) => slot.remove()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await sandbox.start();
    return sandbox;
  } catch (error) {
    await sandbox.close();
    throw error;
  }
}

/** Every port is free in the namespace. */
const port = 0x8c7b;

function writeConfiguration(folder: string): void {
  mkdirSync(join(folder, 'config'));
  const lines = [
    `FRIENDLYNAME "${virtualReader}"`,
    `DEVICENAME /dev/null:${port}`,
    `LIBPATH ${driver}`,
    `CHANNELID ${port}`,
  ];
  writeFileSync(join(folder, 'config', 'vpcd'), `${lines.join('\n')}\n`);
}

async function answersWithin(ms: number, child: ChildProcess): Promise<void> {
  const until = Date.now() + ms;
  while (!(await serviceAnswers())) {
    if (child.exitCode !== null || Date.now() > until) throw new Error('pcscd did not start');
    await pause(50);
  }
}

const serviceAnswers = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(join(runFolder, 'pcscd.comm'));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
