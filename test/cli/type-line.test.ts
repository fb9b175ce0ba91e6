import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { typeLine } from '../../cli/type-line.ts';

const has = (program: string): boolean => spawnSync('which', [program]).status === 0;
const canType = ['Xvfb', 'xdotool', 'xterm'].every(has);

describe('a line typed by keys', () => {
  it('refuses a number that no keyboard has, before it types anything', async () => {
    await expect(typeLine('図書1', 'enter')).rejects.toThrow('--type: use standard output');
  });
});

/** On an X server of its own; needs the Debian packages xvfb, xdotool and xterm. */
(canType ? describe : describe.skip)('a line typed into a window', () => {
  const running: ChildProcess[] = [];
  const before = process.env['DISPLAY'];
  let folder: string;
  let received: string;
  const arrived = (): string => (existsSync(received) ? readFileSync(received, 'utf8') : '');

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'my-key-type-'));
    received = join(folder, 'received');
    // The server picks a free display and writes its number.
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '640x480x24'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    running.push(server);
    const number = await new Promise<string>((resolve) => {
      server.stdio[3]!.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    });
    process.env['DISPLAY'] = `:${number}`;
    running.push(
      spawn('xterm', ['-e', 'sh', '-c', `cat > '${received}'`], {
        env: process.env,
        stdio: 'ignore',
      }),
    );
    spawnSync('xdotool', ['search', '--sync', '--onlyvisible', '--class', 'xterm', 'windowfocus'], {
      env: process.env,
    });
  }, 20_000);

  afterAll(() => {
    for (const child of running.toReversed()) child.kill();
    if (before === undefined) delete process.env['DISPLAY'];
    else process.env['DISPLAY'] = before;
    rmSync(folder, { recursive: true, force: true });
  });

  it('arrives as a barcode reader would type it, with Enter, line after line', async () => {
    await typeLine('L-0042', 'enter');
    await typeLine('a#9(Z)', 'enter');
    // The terminal hands a line over when Enter was pressed.
    for (let looks = 0; looks < 100 && arrived().length < 14; looks++) await delay(50);
    expect(arrived()).toBe('L-0042\na#9(Z)\n');
  }, 20_000);
});
