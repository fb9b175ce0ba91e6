import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { cliLimits } from '../limits.ts';
import { PlatformClient } from '../platform-client.ts';
import { uploadFile, type UploadTarget } from '../transfer-file.ts';
import { jobLimits } from '../../lambdas/capabilities/jobs/limits.ts';
import type { SmokeTarget } from './smoke-target.ts';

interface Job {
  readonly jobId: string;
  readonly state: string;
  readonly failure?: string;
  readonly upload?: UploadTarget;
  readonly totals?: { readonly rows: number; readonly unknown: number };
  readonly results?: readonly { readonly name: string; readonly url: string }[];
}

const chunks = 301;
const jobs = '/v1/revocations/jobs';

/**
 * Presigned upload, download, and more chunks than Step Functions could return outputs of. All
 * lines but one are empty, so that the work is cheap.
 */
export async function longJob({ identity }: SmokeTarget): Promise<string> {
  const client = new PlatformClient({ ...identity, scope: 'jobs:write' });
  const folder = await mkdtemp(join(tmpdir(), 'mykey-smoke-'));
  let jobId: string | undefined;
  try {
    const file = join(folder, 'smoke.csv.gz');
    const lines = '\n'.repeat((chunks - 1) * jobLimits.chunkLinesByPpid);
    await writeFile(file, gzipSync(`ppid\n${lines}${'a'.repeat(32)}\n`));
    const { size: bytes } = await stat(file);
    const asked = { by: 'ppid', format: 'csv', compression: 'gzip', bytes };
    const created = await client.request<Job>('POST', jobs, asked);
    ({ jobId } = created);
    const { signal } = new AbortController();
    await uploadFile(file, bytes, created.upload!, signal);
    await client.request('POST', `${jobs}/${jobId}/start`);
    const { totals, results } = await ended(client, jobId);
    if (totals?.rows !== 1 || totals.unknown !== 1)
      throw new Error(`the totals are ${JSON.stringify(totals)}`);
    const result = await fetch(results!.find(({ name }) => name === 'result')!.url);
    // The result is compressed like the upload.
    const text = gunzipSync(await result.bytes()).toString();
    if (!text.includes(`${'a'.repeat(32)},unknown`)) throw new Error('the result lacks the row');
    return `upload of ${bytes} bytes, ${chunks} chunks, result downloaded`;
  } finally {
    if (jobId !== undefined) await client.request('DELETE', `${jobs}/${jobId}`).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
}

async function ended(client: PlatformClient, jobId: string): Promise<Job> {
  for (;;) {
    const job = await client.request<Job>('GET', `${jobs}/${jobId}`);
    if (job.state === 'completed') return job;
    if (job.state === 'failed' || job.state === 'cancelled')
      throw new Error(`the job ${job.state}: ${job.failure ?? ''}`);
    await delay(cliLimits.pollMs);
  }
}
