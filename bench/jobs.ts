import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGunzip, createGzip } from 'node:zlib';
import { readClientKey } from '../cli/client-key.ts';
import { PlatformClient } from '../cli/platform-client.ts';
import type { JobTotals } from '../lambdas/capabilities/jobs/job.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';

const anchor = 'user-authentication-2023';
const mykey = fileURLToPath(new URL('../cli/mykey.mjs', import.meta.url));

/**
 * `npm run bench -- jobs [--rows N] [--entries N]`: sends a file of N rows through `npx mykey bulk`
 * and the sandbox: uncompressed, compressed, and with every worker killed half-way; each row of
 * each result is compared with its known status.
 */
export async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      rows: { type: 'string', default: '5000000' },
      entries: { type: 'string', default: '1000000' },
    },
  });
  const rows = Number(values.rows);
  const folder = mkdtempSync(join(tmpdir(), 'my-key-jobs-'));
  const sandbox = await startSandbox({ port: 0, jlisPort: 0 });
  try {
    const list = await loadList(sandbox, Number(values.entries));
    const expected = (line: number) => answerOf(line - 2, list);
    const plain = join(folder, 'rows.csv');
    const packed = join(folder, 'rows.csv.gz');
    await writeRows(plain, rows, list.first, false);
    await writeRows(packed, rows, list.first, true);
    const totals = totalsOf(rows, list);
    console.log(
      `${rows.toLocaleString('en')} rows, ${list.count.toLocaleString('en')} on the list`,
    );
    for (const [label, file, kill] of [
      ['plain', plain, false],
      ['gzip', packed, false],
      ['workers killed half-way', plain, true],
    ] as const) {
      const started = performance.now();
      const killed = await runJob(sandbox, file, kill);
      const seconds = (performance.now() - started) / 1000;
      await compare(file, rows, totals, expected);
      const rate = Math.round(rows / seconds).toLocaleString('en');
      const note = kill ? `, killed at ${killed?.toLocaleString('en')} rows` : '';
      console.log(`${label}: ${seconds.toFixed(1)} s, ${rate} rows/s, every row right${note}`);
    }
    const peak = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(`peak memory of the whole sandbox: ${peak} MB`);
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface LoadedList {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** Revocations that no card holds, published by J-LIS and ingested by the platform. */
async function loadList(sandbox: Sandbox, count: number): Promise<LoadedList> {
  const answer = await fetch(`${sandbox.jlis.url}/control/crl/synthetic`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ issuer: anchor, count }),
  });
  const { firstSerial, step } = (await answer.json()) as { firstSerial: string; step: number };
  await sandbox.cloud.invoke('ingest-crl', { sourceId: `${anchor}/full` });
  return { first: Number.parseInt(firstSerial, 16), step, count };
}

/** Row i contains serial first + i; every thousandth is malformed. */
const isMalformed = (i: number): boolean => i % 1000 === 999;

function answerOf(i: number, { step, count }: LoadedList): 'good' | 'revoked' | 'malformed' {
  if (isMalformed(i)) return 'malformed';
  return i % step === 0 && i / step < count ? 'revoked' : 'good';
}

function totalsOf(rows: number, list: LoadedList): JobTotals {
  const totals = { rows, good: 0, revoked: 0, unknown: 0, malformed: 0 };
  for (let i = 0; i < rows; i += 1) totals[answerOf(i, list)] += 1;
  return totals;
}

async function writeRows(path: string, rows: number, first: number, gzip: boolean): Promise<void> {
  const file = createWriteStream(path);
  const out = gzip ? createGzip({ level: 1 }) : file;
  if (out !== file) out.pipe(file);
  let block = 'serial\r\n';
  for (let i = 0; i < rows; i += 1) {
    block += isMalformed(i) ? `row ${i}\r\n` : `${(first + i).toString(16)}\r\n`;
    if (block.length < 1 << 20) continue;
    if (!out.write(block)) await once(out, 'drain');
    block = '';
  }
  out.end(block);
  await once(file, 'close');
}

/** Returns how many rows were finished when the workers were killed. */
async function runJob(sandbox: Sandbox, file: string, kill: boolean): Promise<number | undefined> {
  const { clientId, keyFile } = sandbox.client;
  const identity = ['--client', clientId, '--key', keyFile, '--url', sandbox.apiUrl];
  const child = spawn(
    process.execPath,
    [mykey, 'bulk', file, ...identity, '--issuer', anchor, '--json', '--keep'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const killed = kill ? await killHalfWay(sandbox, () => said) : undefined;
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`mykey bulk ended with ${code}: ${said}`);
  return killed;
}

async function killHalfWay(sandbox: Sandbox, said: () => string): Promise<number> {
  const key = await readClientKey(sandbox.client.keyFile);
  const client = new PlatformClient({
    url: sandbox.apiUrl,
    clientId: sandbox.client.clientId,
    key,
  });
  interface Progress {
    readonly progress?: { readonly lines: number; readonly totals: JobTotals };
    readonly state: string;
  }
  for (;;) {
    await delay(100);
    const jobId = /^job (\S+)/m.exec(said())?.[1];
    if (jobId === undefined) continue;
    const job = await client.request<Progress>('GET', `/v1/revocations/jobs/${jobId}`);
    if (job.state === 'completed') throw new Error('the job was done before a worker was killed');
    const { progress } = job;
    if (progress === undefined || progress.totals.rows < progress.lines / 2) continue;
    const worker = [...sandbox.cloud.functions.values()].find(({ settings }) =>
      settings.functionName.includes('JobChunk'),
    );
    await worker!.kill();
    return progress.totals.rows;
  }
}

/**
 * Verifies that both files contain every line once, with the right answer, and that the totals
 * match.
 */
async function compare(
  file: string,
  rows: number,
  totals: JobTotals,
  expected: (line: number) => string,
): Promise<void> {
  const seen = new Uint8Array(rows + 2);
  const counted = { rows: 0, good: 0, revoked: 0, unknown: 0, malformed: 0 };
  const read = async (kind: 'result' | 'malformed') => {
    const path = file.replace('.csv', `.${kind}.csv`);
    const bytes = createReadStream(path);
    const input = path.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      const [first = '', , status = ''] = text.split(',');
      if (first === 'line') continue;
      const line = Number(first);
      const answer = kind === 'result' ? status : 'malformed';
      if (seen[line] !== 0 || answer !== expected(line)) {
        throw new Error(`line ${line} is answered wrongly or twice`);
      }
      seen[line] = 1;
      counted.rows += 1;
      counted[answer as 'good'] += 1;
    }
  };
  await read('result');
  await read('malformed');
  for (const name of Object.keys(totals) as (keyof JobTotals)[]) {
    if (counted[name] !== totals[name]) throw new Error(`${name}: ${counted[name]} rows`);
  }
}
