import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DiskRoom } from './disk-room.ts';
import type { TablesAddress } from './provision/create-tables.ts';
import { type DynamoDb, startDynamoDb } from './start-dynamodb.ts';

export interface Tables {
  /**
   * DynamoDB Local's endpoint; waits while it is being restarted.
   * @throws if it does not come back
   */
  address(): Promise<TablesAddress>;
  /**
   * Why tables cannot be read or written at this moment, or only not written, and what happens
   * next.
   */
  outage(): string | undefined;
  /** Why a write would fail. */
  shortage(): string | undefined;
  close(): Promise<void>;
}

interface TablesOptions {
  /** Directory of the tables; without it they are in memory. */
  readonly dataDir?: string | undefined;
  readonly tell: (line: string) => void;
  /** Called when the tables are permanently lost. */
  readonly onEnd: (why: string) => void;
  /** For tests, as the next one. */
  readonly startEngine?: typeof startDynamoDb;
  readonly pausesMs?: readonly number[];
}

/** Maximum wait of a request for tables that are coming back: within the SDK's three tries. */
const patienceMs = 8_000;
const usualPausesMs = [0, 500, 1_000, 2_000, 5_000];

/**
 * Runs DynamoDB Local and restarts it if it dies (killed, out of memory) and its tables are on
 * disk. Tables in memory are lost with it: with empty tables every person would be treated as new,
 * so the sandbox ends instead.
 */
export async function keepTables({
  dataDir,
  tell,
  onEnd,
  startEngine = startDynamoDb,
  pausesMs = usualPausesMs,
}: TablesOptions): Promise<Tables> {
  const accessKeyId = dataDir === undefined ? newAccessKey() : accessKeyOf(dataDir);
  const start = () => startEngine({ apart: true, ...(dataDir === undefined ? {} : { dataDir }) });
  const room = dataDir === undefined ? undefined : new DiskRoom(dataDir, tell);
  let closed = false;
  let outage: string | undefined;
  let current: Promise<DynamoDb> = start();
  current.catch(() => {});
  /** Undefined while it is being restarted. */
  let running: DynamoDb | undefined;
  watch(await current);

  function watch(dynamoDb: DynamoDb): void {
    running = dynamoDb;
    void dynamoDb.died.then((how) => {
      running = undefined;
      if (closed) return;
      if (dataDir === undefined) {
        outage = `DynamoDB Local ended (${how}) and its tables were in memory: start the sandbox again, with --data DIR to keep them`;
        onEnd(outage);
        return;
      }
      outage = `DynamoDB Local ended (${how}) and is started again: repeat the request in some seconds`;
      tell(outage);
      current = restarted(performance.now());
      current.catch(() => {});
    });
  }

  async function restarted(diedAt: number): Promise<DynamoDb> {
    for (let tries = 0; ; tries++) {
      await delay(pausesMs[tries] ?? 10_000);
      if (closed) throw new Error('the sandbox is closing');
      try {
        const dynamoDb = await start();
        if (closed) await dynamoDb.close();
        watch(dynamoDb);
        outage = undefined;
        const seconds = ((performance.now() - diedAt) / 1000).toFixed(1);
        const { port } = new URL(dynamoDb.endpoint);
        tell(
          `DynamoDB Local runs again after ${seconds} s, on port ${port}: its tables are as they were`,
        );
        return dynamoDb;
      } catch (cause) {
        outage = `${(cause as Error).message} (tried again every few seconds)`;
        tell(outage);
      }
    }
  }

  return {
    async address() {
      if (outage !== undefined && dataDir === undefined) throw new Error(outage);
      const { endpoint } = running ?? (await withPatience(current));
      return { endpoint, accessKeyId };
    },
    outage: () => outage ?? room?.shortage(),
    shortage: () => room?.shortage(),
    async close() {
      closed = true;
      const started = await Promise.race([current.catch(() => undefined), delay(0)]);
      await started?.close();
    },
  };
}

async function withPatience<T>(waiting: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = delay(patienceMs, undefined, { signal: over.signal }).then(() => {
    throw new Error('DynamoDB Local is not back yet');
  });
  late.catch(() => {});
  try {
    return await Promise.race([waiting, late]);
  } finally {
    over.abort();
  }
}

/** Letters and digits only, because it is part of a file name. */
const newAccessKey = (): string => `SANDBOX${randomBytes(16).toString('hex').toUpperCase()}`;

/** DynamoDB Local names the tables' file by access key and region. */
function accessKeyOf(dataDir: string): string {
  const file = join(dataDir, 'access-key');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const accessKey = newAccessKey();
  const shared = join(dataDir, 'shared-local-instance.db');
  // Tables of a sandbox version that did not separate them by access key.
  if (existsSync(shared)) renameSync(shared, join(dataDir, `${accessKey}_ap-northeast-1.db`));
  writeFileSync(file, accessKey, { mode: 0o600 });
  return accessKey;
}
