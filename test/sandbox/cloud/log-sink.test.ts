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

it('tells what was written since, also when it has forgotten the oldest lines', () => {
  const logs = new LogSink({});
  const write = (count: number, text: string): void => {
    for (let n = 0; n < count; n++) logs.write('links', `${text}\n`);
  };
  write(3_999, 'before');
  const since = logs.count;
  write(3, 'after');
  expect(logs.lines.length).toBeLessThan(4_000);
  expect(logs.since(since)).toEqual(Array.from({ length: 3 }, () => 'links: after'));
  const long = logs.count;
  write(9_000, 'later');
  expect(logs.since(long).length).toBe(logs.lines.length);
  logs.close();
});
