import { expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LogSink } from '../../../sandbox/cloud/lambda/log-sink.ts';

it('goes on with a log after the disk was full, and says how much is missing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'my-key-logs-'));
  const file = join(folder, 'links.log');
  // Every write to it fails with ENOSPC (full(4)).
  symlinkSync('/dev/full', file);
  const logs = new LogSink({ folder });
  logs.write('links', 'one\n');
  await delay(100);
  logs.write('links', 'two\nthree\n');
  rmSync(file);
  for (let tries = 0; tries < 100 && !existsSync(file); tries++) {
    await delay(100);
    logs.write('links', 'again\n');
  }
  await delay(100);
  const [missing, ...lines] = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const lost = Number(/^(\d+) lines could not be written here$/.exec(missing!)?.[1]);
  expect(lines).toEqual(lines.map(() => 'again'));
  const kept = logs.lines.map((line) => line.replace('links: ', ''));
  expect(kept.slice(0, 3)).toEqual(['one', 'two', 'three']);
  expect(lost + lines.length).toBe(kept.length);
  logs.close();
  rmSync(folder, { recursive: true });
});
