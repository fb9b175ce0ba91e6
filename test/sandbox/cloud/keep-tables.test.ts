import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { keepTables, type Tables } from '../../../sandbox/cloud/keep-tables.ts';

interface Engine {
  readonly dataDir: string | undefined;
  readonly die: (how: string) => void;
  closed: boolean;
}

let dataDir: string;
let engines: Engine[];
let told: string[];
let ended: string[];
/** So many further starts fail. */
let failures: number;
let tables: Tables | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'mykey-tables-'));
  [engines, told, ended, failures] = [[], [], [], 0];
});
afterEach(async () => {
  await tables?.close();
  rmSync(dataDir, { recursive: true });
});

/** The engine as it is seen from here: an address, and its death. */
async function keep(kept: string | undefined): Promise<Tables> {
  tables = await keepTables({
    dataDir: kept,
    tell: (line) => void told.push(line),
    onEnd: (why) => void ended.push(why),
    pausesMs: [0, 0, 0],
    startEngine: async (options) => {
      if (failures > 0) {
        failures -= 1;
        throw new Error('Java is not there');
      }
      const { promise: died, resolve: die } = Promise.withResolvers<string>();
      const engine: Engine = { dataDir: options?.dataDir, die, closed: false };
      engines.push(engine);
      const endpoint = `http://127.0.0.1:${8_000 + engines.length}`;
      return { endpoint, died, close: async () => void (engine.closed = true) };
    },
  });
  return tables;
}

/** Starts follow in microtasks and timers of 0 ms. */
const settled = () => delay(20);

describe('DynamoDB Local with its tables on disk', () => {
  it('is started again on the same tables when it dies, as often as it dies', async () => {
    const kept = await keep(dataDir);
    const first = await kept.address();
    for (const deaths of [1, 2]) {
      engines.at(-1)!.die('SIGKILL');
      await Promise.resolve();
      await settled();
      expect(engines).toHaveLength(1 + deaths);
      expect(kept.outage()).toBeUndefined();
    }
    expect(await kept.address()).toEqual({ ...first, endpoint: 'http://127.0.0.1:8003' });
    expect(engines.map((engine) => engine.dataDir)).toEqual([dataDir, dataDir, dataDir]);
    expect(told.slice(0, 2)).toEqual([
      expect.stringMatching(/^DynamoDB Local ended \(SIGKILL\) and is started again: repeat/),
      expect.stringMatching(/^DynamoDB Local runs again after .* on port 8002/),
    ]);
    expect(ended).toEqual([]);
  });

  it('is tried again until it starts, and what fails is said meanwhile', async () => {
    const kept = await keep(dataDir);
    failures = 2;
    engines[0]!.die('exit code 1');
    await Promise.resolve();
    expect(kept.outage()).toMatch(/started again/);
    const waiting = kept.address();
    await settled();
    expect((await waiting).endpoint).toBe('http://127.0.0.1:8002');
    expect(told.filter((line) => line.startsWith('Java is not there'))).toHaveLength(2);
    expect(kept.outage()).toBeUndefined();
  });

  it('is not started again while the sandbox closes', async () => {
    const kept = await keep(dataDir);
    await kept.close();
    engines[0]!.die('SIGTERM');
    await settled();
    expect(engines).toHaveLength(1);
    expect(engines[0]!.closed).toBe(true);
    expect(told).toEqual([]);
  });
});

describe('DynamoDB Local with its tables in memory', () => {
  it('ends the sandbox when it dies: with empty tables everybody would be new', async () => {
    const kept = await keep(undefined);
    engines[0]!.die('SIGKILL');
    await settled();
    expect(ended).toEqual([expect.stringMatching(/were in memory: start the sandbox again/)]);
    expect(kept.outage()).toBe(ended[0]);
    await expect(kept.address()).rejects.toThrow(/in memory/);
    expect(engines).toHaveLength(1);
  });
});
