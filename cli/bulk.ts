import { lstat, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { failureCures } from '../lambdas/capabilities/jobs/failure-cures.ts';
import { foreignFile, foreignFileOctets } from '../lambdas/capabilities/jobs/foreign-file.ts';
import type { JobCompression, JobFormat, JobTotals } from '../lambdas/capabilities/jobs/job.ts';
import { readClientKey } from './client-key.ts';
import { PlatformClient, PlatformProblem } from './platform-client.ts';
import { createProgressBar, type ProgressBar } from './progress-bar.ts';
import { CommandFailure, exitCodes, required, runCommand } from './run-command.ts';
import { downloadFile, uploadFile, type UploadTarget } from './transfer-file.ts';
import { cliLimits } from './limits.ts';

export const name = 'bulk';
export const summary = 'check a file of millions of serials or PPIDs for revocation';

const usage = `
Usage: npx mykey bulk FILE --key FILE [options]
       npx mykey bulk --job ID --out FILE --key FILE [options]

FILE is CSV or NDJSON, gzip accepted, one row per line. CSV: a header with a column "serial" (or
"ppid", シリアル番号, 発行番号 …) and, where rows differ, "issuer"; without a header the first
column is the identifier and the second, if there is one, the issuer. Columns are never guessed.
NDJSON: {"serial":"0a1b…","issuer":"…"} or {"ppid":"…"}.

  --key FILE        the client's private key: JWK, or PEM
  --alg ALG         algorithm of an RSA key whose file does not name one: PS256 (default) or RS256
  --client ID       client id (default: the key file's client_id)
  --url URL         the platform (default http://localhost:8080)
  --by serial|ppid  kind of identifier in the rows (default serial)
  --attributes      ask whether the attributes of the persons changed since they were last confirmed
                    (by PPID): unchanged, changed, or unknown with the reason
  --method ocsp|crl|auto
                    with --attributes: ask the responder about each person, or municipal and full
                    lists (default: the full lists alone)
  --issuer NAME     trust anchor name or issuer key id, for rows without an issuer
  --column NAME|N   CSV: the column of the identifier, by its name in the header or from 1
  --serial-format hex|decimal
                    how serials are written; needed where five or more show no digit a–f
  --format csv|ndjson
                    (default by the name: .csv, .ndjson, .jsonl, each also with .gz)
  --not-good        the result contains only the rows that are not good
  --out FILE        where the result goes (default FILE with .result before its extension);
                    rows that could not be read go beside it, with .malformed.
                    A file that exists is never overwritten
  --job ID          follow an existing job instead of creating one
  --keep            leave the job on the platform until it expires, instead of deleting it
  --json            print totals, lists and files as JSON

Answers are as of the lists that the platform has loaded; each is named with its number and age.
With --method, each row names what answered it, and when.
Ctrl-C cancels the job. Exit code: 0 completed, 1 failed or no row could be read, 64 wrong usage,
65 FILE is an archive or a page, 66 FILE cannot be read, 69 the platform does not answer, 130 interrupted.
`;

/** The part of the API's job that this command reads. */
interface JobBody {
  readonly jobId: string;
  readonly state: string;
  readonly ask?: string;
  readonly failure?: string;
  readonly detail?: string;
  readonly upload?: UploadTarget;
  readonly progress?: { readonly lines: number; readonly totals: JobTotals };
  readonly checkedAt?: string;
  readonly lists?: readonly ListBody[];
  readonly totals?: JobTotals;
  readonly malformed?: readonly MalformedBody[];
  readonly results?: readonly { readonly name: 'result' | 'malformed'; readonly url: string }[];
}

interface MalformedBody {
  readonly code: string;
  readonly rows: number;
  readonly firstLine: number;
  readonly detail: string;
}

interface ListBody {
  readonly issuer: string;
  readonly source?: string;
  readonly crlNumber?: string;
  readonly thisUpdate?: string;
  readonly nextUpdate?: string;
  /** Why no list answers for this issuer. */
  readonly why?: string;
}

const jobsPath = '/v1/revocations/jobs';

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
        attributes: { type: 'boolean', default: false },
        method: { type: 'string' },
        issuer: { type: 'string' },
        column: { type: 'string' },
        'serial-format': { type: 'string' },
        format: { type: 'string' },
        'not-good': { type: 'boolean', default: false },
        out: { type: 'string' },
        job: { type: 'string' },
        keep: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const file = positionals[0];
    const key = await readClientKey(required(values.key, '--key'), values.alg);
    const client = new PlatformClient({
      url: values.url,
      clientId: required(values.client ?? key.clientId, '--client'),
      // Requests all scopes of the client: with revocation-reasons:read, the result contains
      // reasons.
      key,
    });
    const out = required(
      values.out ?? (values.job === undefined ? beside(file, 'result') : undefined),
      values.job === undefined ? 'FILE' : '--out',
    );
    await refuseTaken([out, malformedBeside(out)]);
    const interrupt = new AbortController();
    const onInterrupt = () => interrupt.abort();
    process.once('SIGINT', onInterrupt);
    try {
      const jobId =
        values.job ??
        (await createJob(client, required(file, 'FILE'), {
          by: values.attributes ? 'ppid' : values.by,
          ...(values.attributes && { ask: 'attributes' }),
          ...(values.method !== undefined && { method: values.method }),
          rows: values['not-good'] ? 'not-good' : 'all',
          format: values.format,
          ...columnAsked(values.column),
          ...(values['serial-format'] === undefined
            ? {}
            : { serialFormat: values['serial-format'] }),
          ...(values.issuer === undefined ? {} : { issuer: values.issuer }),
        }));
      try {
        if (values.job === undefined) {
          await uploadAndStart(client, jobId, required(file, 'FILE'), interrupt.signal);
        } else {
          await resume(client, jobId);
        }
        const job = await follow(client, jobId, interrupt.signal);
        const written = await fetchResults(job, out, interrupt.signal, values.job ?? jobId);
        if (!values.keep) await client.request('DELETE', `${jobsPath}/${jobId}`);
        console.log(values.json ? JSON.stringify(inJson(job, written)) : report(job, written));
        const { rows, malformed } = job.totals!;
        if (malformed < rows) return exitCodes.ok;
        throw new CommandFailure(`no row could be read: all ${rows} are malformed`);
      } catch (error) {
        if (interrupt.signal.aborted) return await cancel(client, jobId);
        throw error;
      }
    } finally {
      process.off('SIGINT', onInterrupt);
    }
  });
}

/**
 * A number is a column position, from 1; a column whose name is a number must be given by position.
 */
function columnAsked(column: string | undefined): { column?: string | number } {
  if (column === undefined) return {};
  return { column: /^\d+$/.test(column) ? Number(column) : column };
}

/** Existing files are never overwritten, including links and directories. */
async function refuseTaken(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const taken = await lstat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (taken !== undefined) {
      throw new CommandFailure(`${path} exists and is not overwritten: use --out`, exitCodes.usage);
    }
  }
}

interface JobAsked {
  readonly by: string;
  readonly ask?: string;
  readonly method?: string;
  readonly rows: string;
  readonly format: string | undefined;
  readonly issuer?: string;
  readonly column?: string | number;
  readonly serialFormat?: string;
}

/** Starting an interrupted job resumes it; a running or ended job is unchanged. */
async function resume(client: PlatformClient, jobId: string): Promise<void> {
  try {
    await client.request('POST', `${jobsPath}/${jobId}/start`);
  } catch (error) {
    if (!(error instanceof PlatformProblem) || error.code !== 'job-state-invalid') throw error;
  }
}

async function createJob(
  client: PlatformClient,
  file: string,
  { format, ...request }: JobAsked,
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

/**
 * Polls until the job has ended.
 * @throws CommandFailure if it failed
 */
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
      if (!unreachable || ++missed > cliLimits.missedPolls) throw error;
    }
    if (job?.progress !== undefined) bar.update(job.progress.totals.rows, job.progress.lines);
    if (job?.state === 'completed') {
      const rows = job.totals!.rows;
      bar.update(rows, rows);
      bar.finish();
      return job;
    }
    if (job?.state === 'failed' || job?.state === 'cancelled') {
      throw new CommandFailure(`the job ${job.state}${failureWords(job)}`);
    }
    await delay(cliLimits.pollMs, undefined, { signal });
  }
}

/** Cures by options of this command, in place of the job's own `detail`. */
const cures: Readonly<Record<string, string>> = {
  'upload-columns-missing':
    'use --column NAME or --column N: no column is named serial or ppid; columns are separated by commas, not by semicolons or tabs',
  'upload-columns-ambiguous':
    'use --column NAME or N: several columns could contain the identifier',
  'upload-serials-ambiguous': 'use --serial-format hex or decimal: no serial contains a digit a–f',
};

function failureWords({ failure, detail }: Pick<JobBody, 'failure' | 'detail'>): string {
  if (failure === undefined) return '';
  // A cure that the job gives for this very file says more.
  const isOwn = detail !== undefined && !Object.values(failureCures).includes(detail);
  const cure = isOwn ? detail : (cures[failure] ?? detail);
  return cure === undefined ? `: ${failure}` : `: ${failure}; ${cure}`;
}

interface Written {
  readonly result: string;
  readonly malformed: string | undefined;
}

async function fetchResults(
  job: JobBody,
  out: string,
  signal: AbortSignal,
  jobId: string,
): Promise<Written> {
  const url = (kind: 'result' | 'malformed') =>
    job.results!.find(({ name: each }) => each === kind)!.url;
  const malformed = job.totals!.malformed === 0 ? undefined : malformedBeside(out);
  try {
    await downloadFile(url('result'), out, 'result', signal);
    if (malformed !== undefined) {
      await downloadFile(url('malformed'), malformed, 'malformed', signal);
    }
  } catch (error) {
    if (error instanceof CommandFailure && !signal.aborted) {
      const again = `npx mykey bulk --job ${jobId} --out FILE fetches the results again`;
      throw new CommandFailure(`${error.message}; ${again}`, error.exitCode, { cause: error });
    }
    throw error;
  }
  return { result: out, malformed };
}

async function cancel(client: PlatformClient, jobId: string): Promise<number> {
  await client.request('DELETE', `${jobsPath}/${jobId}`);
  console.error(`\njob ${jobId} cancelled`);
  return exitCodes.interrupted;
}

function inJson(
  { totals, checkedAt, lists = [], malformed: reasons = [] }: JobBody,
  { result, malformed }: Written,
): object {
  const withAge = lists.map((list) => ({ ...list, ageSeconds: ageSeconds(list, checkedAt) }));
  return { ...totals, reasons, checkedAt, lists: withAge, result, malformedFile: malformed };
}

function report(
  { totals, checkedAt, ask, lists = [], malformed: reasons = [] }: JobBody,
  written: Written,
): string {
  const attributes = ask === 'attributes';
  const { rows, good, revoked, unknown, malformed } = totals!;
  return [
    ...(malformed === rows ? [`NO ROW COULD BE READ: all ${rows} are malformed`] : []),
    line('rows', rows, `  as of ${checkedAt ?? ''}`),
    line(attributes ? 'unchanged' : 'good', good),
    line(attributes ? 'changed' : 'revoked', revoked),
    line('unknown', unknown),
    line('malformed', malformed, written.malformed ? `  ${written.malformed}` : ''),
    ...reasons.map(reasonLine),
    ...lists.map((list) => listLine(list, checkedAt)),
    `result in ${written.result}`,
  ].join('\n');
}

const reasonLine = ({ code, rows, firstLine, detail }: MalformedBody): string =>
  `  ${code} (${rows.toLocaleString('en')}, first in line ${firstLine}): ${detail}`;

function listLine(list: ListBody, checkedAt: string | undefined): string {
  if (list.why !== undefined) return `list      ${list.issuer}: none answers (${list.why})`;
  const age = ageSeconds(list, checkedAt);
  const words = age === undefined ? '' : `, ${ageWords(age)} old`;
  return `list      ${list.source} number ${list.crlNumber} of ${list.thisUpdate}${words}`;
}

function ageSeconds({ thisUpdate }: ListBody, checkedAt: string | undefined): number | undefined {
  if (thisUpdate === undefined || checkedAt === undefined) return undefined;
  return Math.floor((Date.parse(checkedAt) - Date.parse(thisUpdate)) / 1000);
}

function ageWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}

const line = (label: string, count: number, more = ''): string =>
  `${label.padEnd(10)}${count.toLocaleString('en').padStart(14)}${more}`;

async function inspect(file: string): Promise<{ bytes: number; compression: JobCompression }> {
  const handle = await open(file);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size === 0) {
      throw new CommandFailure(`${file} is empty or not a file`, exitCodes.inputUnreadable);
    }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(foreignFileOctets));
    const gzip = buffer[0] === 0x1f && buffer[1] === 0x8b;
    // The job would say so too, after the upload.
    const foreign = gzip ? undefined : foreignFile(buffer.subarray(0, bytesRead));
    if (foreign !== undefined) {
      throw new CommandFailure(`${file}: ${foreign.cure}`, exitCodes.dataUnreadable);
    }
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
