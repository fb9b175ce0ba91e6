import { PutObjectCommand } from '@aws-sdk/client-s3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serviceEnvironment } from '../sandbox/environment-file.ts';
import { takeToken } from '../sandbox/register-client.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { localS3 } from '../sandbox/cloud/local-clients.ts';
import { generateCrl, serialAt } from './generate-crl.ts';

const anchor = 'user-authentication-2023';
const mykey = fileURLToPath(new URL('../cli/mykey.mjs', import.meta.url));
const asked = 100_000;
const runs = 5;

/**
 * Loads a signed list with the given number of entries into the running sandbox twice, by `npx
 * mykey crl ingest` and by an upload to its bucket; after each, checks 100,000 serials per call
 * through gateway, authorizer and function.
 */
export async function measureOverHttp(entries: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'my-key-bulk-'));
  const sandbox = await startSandbox({ port: 0, jlisPort: 0 });
  try {
    const platform = { apiUrl: sandbox.apiUrl, now: sandbox.jlis.clock.now };
    const token = await takeToken(platform, sandbox.client);
    for (const [way, load] of [
      ['mykey crl ingest', ingestByCommand],
      ['drop', dropIntoBucket],
    ] as const) {
      const path = join(folder, 'full.crl');
      const crlNumber = writeList(sandbox, path, entries);
      const startedAt = performance.now();
      await load(sandbox, path);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      await expectServing(sandbox, token, crlNumber, entries);
      const megabytes = Math.round(statSync(path).size / 1e6);
      console.log(`${entries / 1e6} million entries (${megabytes} MB) by ${way}: ${seconds} s`);
      await measureCalls(sandbox, token, entries);
    }
    const peak = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(`peak memory of the sandbox without DynamoDB Local: ${peak} MB`);
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The next full list of the sandbox's own authority, with the current time. */
function writeList({ jlis }: Sandbox, path: string, entries: number): number {
  const authority = jlis.authorities.find(({ id }) => id === anchor)!;
  const crlNumber = (jlis.registry.publication += 1);
  // `generateCrl` sets thisUpdate an hour back; it must be later than that of the list in service.
  generateCrl(path, authority, {
    entries,
    serialOctets: 4,
    crlNumber,
    now: jlis.clock.now() + 3_600_000,
  });
  return crlNumber;
}

async function ingestByCommand(sandbox: Sandbox, path: string): Promise<void> {
  const command = spawn(
    process.execPath,
    [mykey, 'crl', 'ingest', path, '--deployment', sandbox.deploymentFile],
    { env: { ...process.env, ...serviceEnvironment(sandbox.cloud) }, stdio: 'inherit' },
  );
  const [code] = (await once(command, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`mykey crl ingest ended with ${code}`);
}

async function dropIntoBucket({ cloud }: Sandbox, path: string): Promise<void> {
  const environment = serviceEnvironment(cloud);
  const objects = localS3(environment['AWS_ENDPOINT_URL_S3']!, cloud.operator);
  await objects.send(
    new PutObjectCommand({
      Bucket: environment['REVOCATION_BUCKET']!,
      Key: 'drops/full.crl',
      Body: createReadStream(path),
      ContentLength: statSync(path).size,
    }),
  );
  objects.destroy();
  await cloud.settled();
}

async function expectServing(
  { apiUrl }: Sandbox,
  token: string,
  crlNumber: number,
  entries: number,
): Promise<void> {
  const response = await fetch(`${apiUrl}/v1/revocations/sources`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { sources } = (await response.json()) as { sources: { sourceId: string }[] };
  const text = JSON.stringify(sources.find(({ sourceId }) => sourceId === `${anchor}/full`));
  if (!text?.includes(`"crlNumber":"${crlNumber}"`) || !text.includes(`"entries":${entries}`))
    throw new Error(`the list is not in service: ${text ?? 'no such source'}`);
}

async function measureCalls({ apiUrl }: Sandbox, token: string, entries: number): Promise<void> {
  const times: number[] = [];
  let first = 0;
  for (let call = 0; call <= runs; call++) {
    const { serials, revoked } = question(entries, call);
    const body = JSON.stringify({ issuer: anchor, serials });
    const startedAt = performance.now();
    const response = await fetch(`${apiUrl}/v1/revocations/check`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    const answer = (await response.json()) as Answer;
    const elapsed = performance.now() - startedAt;
    if (call === 0) first = elapsed;
    else times.push(elapsed);
    if (response.status !== 200) throw new Error(JSON.stringify(answer));
    const rows = answer.notGood.revoked.row.toSorted((a, b) => a - b);
    if (rows.length !== revoked.length || rows.some((row, i) => row !== revoked[i]))
      throw new Error('wrong answer');
  }
  const sorted = times.toSorted((a, b) => a - b);
  const [median, slowest] = [sorted[runs >> 1]!, sorted.at(-1)!].map(Math.round);
  console.log(
    `  HTTP call of ${asked.toLocaleString('en')} serials, 2 % revoked: ${median} ms median of ${runs}, ` +
      `slowest ${slowest} ms, first ${Math.round(first)} ms; every row right`,
  );
}

interface Answer {
  readonly notGood: { readonly revoked: { readonly row: readonly number[] } };
}

/**
 * Distinct serials spread over the list, different ones in each call; one in fifty is an entry of
 * it.
 */
function question(entries: number, call: number): { serials: string[]; revoked: number[] } {
  const serials: string[] = [];
  const revoked: number[] = [];
  for (let row = 0; row < asked; row++) {
    const entry = (Math.floor((row * entries) / asked) + call * 7) % entries;
    const listed = row % 50 === 0;
    serials.push((serialAt(entry) + (listed ? 0 : 1 + (row % 3))).toString(16).padStart(8, '0'));
    if (listed) revoked.push(row);
  }
  return { serials, revoked };
}
