import { open, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { JobCompression, JobFormat, JobTotals } from '../lambdas/capabilities/jobs/job.ts';
import { readClientKey } from './client-key.ts';
import { PlatformClient } from './platform-client.ts';
import { createProgressBar, type ProgressBar } from './progress-bar.ts';
import { CommandFailure, exitCodes, required, runCommand } from './run-command.ts';
import { downloadFile, uploadFile, type UploadTarget } from './transfer-file.ts';

export const name = 'bulk';
export const summary = 'check a file of millions of serials or PPIDs for revocation';

const usage = `
Usage: npx mykey bulk FILE --key FILE [options]
       npx mykey bulk --job ID --out FILE --key FILE [options]

FILE is CSV or NDJSON, gzip accepted, one row a line. CSV: a header with a column "serial" (or
"ppid") and, where rows differ, "issuer"; without a header the first column is the identifier and
the second the issuer. NDJSON: {"serial":"0a1b…","issuer":"…"} or {"ppid":"…"}.

  --key FILE        the client's private key: JWK, or PEM
  --alg ALG         what an RSA key signs by where its file does not say: PS256 (default) or RS256
  --client ID       client id (default: the key file's client_id)
  --url URL         the platform (default http://localhost:8080)
  --by serial|ppid  what the rows name (default serial)
  --issuer NAME     trust anchor name or issuer key id, for rows that name none
  --format csv|ndjson
                    (default by the name: .csv, .ndjson, .jsonl, each also with .gz)
  --not-good        the result names only revoked and unknown rows
  --out FILE        where the result goes (default FILE with .result before its extension);
                    rows that could not be read go beside it, with .malformed
  --job ID          follow a job that runs already instead of creating one
  --keep            leave the job on the platform until it expires, instead of deleting it
  --json            print the totals as JSON

Ctrl-C cancels the job. Exit code: 0 completed, 1 failed, 64 wrong usage, 66 FILE cannot be read,
69 the platform does not answer, 130 interrupted.
`;

/** The part of the API's job that this command reads. */
interface JobBody {
  readonly jobId: string;
  readonly state: string;
  readonly failure?: string;
  readonly upload?: UploadTarget;
  readonly progress?: { readonly lines: number; readonly totals: JobTotals };
  readonly checkedAt?: string;
  readonly totals?: JobTotals;
  readonly results?: readonly { readonly name: 'result' | 'malformed'; readonly url: string }[];
}

const jobsPath = '/v1/revocations/jobs';
/** A job of a million rows takes some seconds; one of many millions is not slowed by being asked. */
const pollMs = 1_000;
/** The platform may be deployed anew, or a train in a tunnel: so often in a row is waited. */
const missedPolls = 30;

export function run(argv: string[]): Promise<number> {
  return runCommand(name, usage, argv, async () => {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        alg: { type: 'string' },
        client: { type: 'string' },
        key: { type: 'string' },
        url: { type: 'string', default: 'http://localhost:8080' },
        by: { type: 'string', default: 'serial' },
        issuer: { type: 'string' },
        format: { type: 'string' },
        'not-good': { type: 'boolean', default: false },
        out: { type: 'string' },
        job: { type: 'string' },
        keep: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const file = positionals[0];
    const out = values.out ?? (values.job === undefined ? beside(file, 'result') : undefined);
    const key = await readClientKey(required(values.key, '--key'), values.alg);
    const client = new PlatformClient({
      url: values.url,
      clientId: required(values.client ?? key.clientId, '--client'),
      key,
      scope: 'jobs:write',
    });
    const interrupt = new AbortController();
    const onInterrupt = () => interrupt.abort();
    process.once('SIGINT', onInterrupt);
    try {
      const jobId =
        values.job ??
        (await createJob(client, required(file, 'FILE'), {
          by: values.by,
          rows: values['not-good'] ? 'not-good' : 'all',
          format: values.format,
          ...(values.issuer === undefined ? {} : { issuer: values.issuer }),
        }));
      try {
        if (values.job === undefined) {
          await uploadAndStart(client, jobId, required(file, 'FILE'), interrupt.signal);
        }
        const job = await follow(client, jobId, interrupt.signal);
        const written = await fetchResults(job, required(out, '--out'), interrupt.signal);
        if (!values.keep) await client.request('DELETE', `${jobsPath}/${jobId}`);
        console.log(values.json ? JSON.stringify(job.totals) : report(job, written));
        return exitCodes.ok;
      } catch (error) {
        if (interrupt.signal.aborted) return await cancel(client, jobId);
        throw error;
      }
    } finally {
      process.off('SIGINT', onInterrupt);
    }
  });
}

async function createJob(
  client: PlatformClient,
  file: string,
  { format, ...request }: { by: string; rows: string; format: string | undefined; issuer?: string },
): Promise<string> {
  const { bytes, compression } = await inspect(file);
  const body = {
    ...request,
    format: format ?? formatOf(file),
    compression,
    bytes,
  };
  const { jobId } = await client.request<JobBody>('POST', jobsPath, body);
  console.error(`job ${jobId}`);
  return jobId;
}

async function uploadAndStart(
  client: PlatformClient,
  jobId: string,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const { upload } = await client.request<JobBody>('GET', `${jobsPath}/${jobId}`);
  const { bytes } = await inspect(file);
  await uploadFile(file, bytes, upload!, signal);
  await client.request('POST', `${jobsPath}/${jobId}/start`);
}

/** Asks until the job has ended. @throws CommandFailure when it failed */
async function follow(
  client: PlatformClient,
  jobId: string,
  signal: AbortSignal,
): Promise<JobBody> {
  const bar = createProgressBar({ label: 'check', unit: 'rows' });
  try {
    return await ended(client, jobId, bar, signal);
  } finally {
    bar.stop();
  }
}

async function ended(
  client: PlatformClient,
  jobId: string,
  bar: ProgressBar,
  signal: AbortSignal,
): Promise<JobBody> {
  for (let missed = 0; ;) {
    let job: JobBody | undefined;
    try {
      job = await client.request<JobBody>('GET', `${jobsPath}/${jobId}`);
      missed = 0;
    } catch (error) {
      const unreachable =
        error instanceof CommandFailure && error.exitCode === exitCodes.unavailable;
      if (!unreachable || ++missed > missedPolls) throw error;
    }
    if (job?.progress !== undefined) bar.update(job.progress.totals.rows, job.progress.lines);
    if (job?.state === 'completed') {
      const rows = job.totals!.rows;
      bar.update(rows, rows);
      bar.finish();
      return job;
    }
    if (job?.state === 'failed' || job?.state === 'cancelled') {
      throw new CommandFailure(`the job ${job.state}${job.failure ? `: ${job.failure}` : ''}`);
    }
    await delay(pollMs, undefined, { signal });
  }
}

async function fetchResults(
  job: JobBody,
  out: string,
  signal: AbortSignal,
): Promise<{ result: string; malformed: string | undefined }> {
  const url = (kind: 'result' | 'malformed') =>
    job.results!.find(({ name: each }) => each === kind)!.url;
  await downloadFile(url('result'), out, 'result', signal);
  const malformed = malformedBeside(out);
  if (job.totals!.malformed === 0) {
    await rm(malformed, { force: true });
    return { result: out, malformed: undefined };
  }
  await downloadFile(url('malformed'), malformed, 'malformed', signal);
  return { result: out, malformed };
}

async function cancel(client: PlatformClient, jobId: string): Promise<number> {
  await client.request('DELETE', `${jobsPath}/${jobId}`);
  console.error(`\njob ${jobId} cancelled`);
  return exitCodes.interrupted;
}

function report(
  { totals, checkedAt }: JobBody,
  written: { result: string; malformed: string | undefined },
): string {
  const { rows, good, revoked, unknown, malformed } = totals!;
  return [
    line('rows', rows, `  as of ${checkedAt ?? ''}`),
    line('good', good),
    line('revoked', revoked),
    line('unknown', unknown),
    line('malformed', malformed, written.malformed ? `  ${written.malformed}` : ''),
    `result in ${written.result}`,
  ].join('\n');
}

const line = (label: string, count: number, more = ''): string =>
  `${label.padEnd(10)}${count.toLocaleString('en').padStart(14)}${more}`;

async function inspect(file: string): Promise<{ bytes: number; compression: JobCompression }> {
  const handle = await open(file);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size === 0) {
      throw new CommandFailure(`${file} is empty or no file`, exitCodes.inputUnreadable);
    }
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    const gzip = buffer[0] === 0x1f && buffer[1] === 0x8b;
    return { bytes: stat.size, compression: gzip ? 'gzip' : 'none' };
  } finally {
    await handle.close();
  }
}

const extension = /\.(csv|ndjson|jsonl)(\.gz)?$/i;

function formatOf(file: string): JobFormat {
  const found = extension.exec(file)?.[1]?.toLowerCase();
  if (found === undefined) {
    throw new CommandFailure('--format csv or --format ndjson is needed', exitCodes.usage);
  }
  return found === 'csv' ? 'csv' : 'ndjson';
}

/** `cards.csv.gz` → `cards.result.csv.gz` */
function beside(file: string | undefined, what: string): string | undefined {
  if (file === undefined) return undefined;
  return extension.test(file)
    ? file.replace(extension, (found) => `.${what}${found}`)
    : `${file}.${what}`;
}

function malformedBeside(out: string): string {
  const base = out.replace(/\.result(?=\.|$)/, '');
  return beside(base, 'malformed')!;
}
