import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';

const issuer = 'user-authentication-2023';

/**
 * `npm run bench -- events [--listed N] [--base N]`: a list with N serials more than the one before,
 * from the start of its ingestion to the comparison of its last part, on the sandbox.
 */
export async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      listed: { type: 'string', default: '100000' },
      base: { type: 'string', default: '100000' },
    },
  });
  const [listed, base] = [Number(values.listed), Number(values.base)];
  const sandbox = await startSandbox({ port: 0, jlisPort: 0 });
  try {
    await publish(sandbox, base);
    await ingest(sandbox);
    // The first list is compared with an empty one of the start.
    await compared(sandbox, 0);
    await publish(sandbox, listed);
    const from = sandbox.cloud.logs.length;
    const startedAt = performance.now();
    await ingest(sandbox);
    const ingestedAt = performance.now();
    const parts = await compared(sandbox, from, listed);
    const endedAt = performance.now();
    const rate = Math.round((listed / (endedAt - ingestedAt)) * 1_000).toLocaleString('en');
    console.log(
      `${listed.toLocaleString('en')} newly listed beside ${base.toLocaleString('en')}: ingested in ${seconds(ingestedAt - startedAt)} s, compared and looked up in ${seconds(endedAt - ingestedAt)} s (${rate}/s)`,
    );
    console.log(
      `${parts} parts: as many executions of the distributed map, 3 state transitions each`,
    );
  } finally {
    await sandbox.close();
  }
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

async function publish({ jlis }: Sandbox, count: number): Promise<void> {
  const response = await fetch(`${jlis.url}/control/crl/synthetic`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ issuer, count }),
  });
  if (!response.ok) throw new Error(`the list was not published: ${response.status}`);
}

const ingest = ({ cloud }: Sandbox): Promise<unknown> =>
  cloud.invoke('ingest-crl', { sourceId: `${issuer}/full` });

/** Waits until the parts have found so many; without a number until none has come for a while. */
async function compared({ cloud }: Sandbox, from: number, count?: number): Promise<number> {
  for (let quiet = 0, before = -1; ;) {
    const lines = cloud.logs
      .slice(from)
      .flatMap((line) => line.split('\n'))
      .filter((line) => line.includes('"lists-compared"'));
    const found = lines.reduce((sum, line) => sum + Number(/"listed":(\d+)/.exec(line)?.[1]), 0);
    if (count !== undefined && found >= count) return lines.length;
    quiet = lines.length === before ? quiet + 1 : 0;
    before = lines.length;
    if (quiet > (count === undefined ? 20 : 600))
      return count === undefined
        ? lines.length
        : Promise.reject(new Error(`${found} of ${count} were compared`));
    await delay(100);
  }
}
