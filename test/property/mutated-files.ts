import { gzipSync } from 'node:zlib';
import { checkChunk } from '../../lambdas/capabilities/jobs/check-chunk.ts';
import { finishJob } from '../../lambdas/capabilities/jobs/finish-job.ts';
import { jobFiles } from '../../lambdas/capabilities/jobs/job-files.ts';
import { createJob, startJob } from '../../lambdas/capabilities/jobs/job-operations.ts';
import { planJob } from '../../lambdas/capabilities/jobs/plan-job.ts';
import { RecentSerials } from '../../lambdas/capabilities/revocation-checks/recent-serials.ts';
import type { JobChunk } from '../../lambdas/capabilities/jobs/ports.ts';
import { memoryJobFiles, memoryJobStore, memoryRunner } from '../capabilities/jobs/memory-jobs.ts';
import { memoryCheckQuota } from '../fakes/memory-stores.ts';
import {
  listOf,
  memoryLists,
  now,
  profile,
  withoutResponders,
} from '../capabilities/jobs/sample-lists.ts';

/** Serials that no part of another can be taken for. */
const serials = Array.from({ length: 24 }, (_, n) => (0xa000_118d + n * 0x0101_0107).toString(16));
const lists = memoryLists([listOf('auth-2023')], { 'auth-2023-1': [] });

const findCertificates = async () => [];
const findBaseline = async () => 'ppid-unknown' as const;

interface Sample {
  readonly format: 'csv' | 'ndjson';
  readonly text: string;
}

const csv = (header: string, row: (serial: string, n: number) => string, end = '\n'): Sample => ({
  format: 'csv',
  text: [header, ...serials.map(row), ''].filter((line, n) => n > 0 || line !== '').join(end),
});

const samples: readonly Sample[] = [
  csv('', (serial) => serial),
  csv('serial,name', (serial, n) => `${serial},row ${n}`),
  csv('番号,備考,シリアル番号', (serial, n) => `${n},"備考, ${n}",${serial}`, '\r\n'),
  csv('serial,issuer', (serial) => `${serial},auth-2023`, '\r'),
  {
    format: 'ndjson',
    text: serials.map((serial, n) => `{"n":${n},"serial":"${serial}"}\n`).join(''),
  },
];

/** Pieces that files get from programmes that mean well. */
const insertions = [
  '\r',
  '\n',
  '\r\n',
  '\u2028',
  '\u0085',
  '\0',
  '"',
  ',',
  '\t',
  ' ',
  '\uFEFF',
  '{',
  '}',
  ':',
  '0x',
  '\u000b',
  '\f',
  '１',
  '#',
  ';',
];
const encodings = ['utf8', 'utf8', 'utf8', 'utf8', 'utf16le', 'latin1'] as const;

/** A mutant of a file that a job would be given. `random` gives whole numbers below its argument. */
export function mutatedFile(random: (below: number) => number) {
  const { format, text } = samples[random(samples.length)]!;
  let bytes: Buffer = Buffer.from(text, encodings[random(encodings.length)]);
  for (let change = random(4); change > 0; change -= 1) {
    const at = random(bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    switch (random(6)) {
      case 0:
        bytes = Buffer.concat([before, Buffer.from(insertions[random(insertions.length)]!), after]);
        break;
      case 1:
        bytes = Buffer.concat([before, after.subarray(1 + random(12))]);
        break;
      case 2:
        bytes = before;
        break;
      case 3:
        bytes = Buffer.concat([before, Buffer.of(random(256)), after.subarray(1)]);
        break;
      case 4:
        bytes = Buffer.concat([before, bytes.subarray(random(bytes.length + 1)), after]);
        break;
      default: {
        const line = bytes.indexOf(0x0a, at);
        if (line >= 0) bytes = Buffer.concat([bytes.subarray(0, line), bytes.subarray(line + 1)]);
      }
    }
  }
  const compression = random(8) === 0 ? ('gzip' as const) : ('none' as const);
  if (compression === 'none') return { format, compression, plain: bytes, bytes };
  const packed = gzipSync(bytes);
  const cut = random(3) === 0 ? packed.subarray(0, random(packed.length)) : packed;
  return { format, compression, plain: bytes, bytes: cut };
}

export type MutatedFile = ReturnType<typeof mutatedFile>;

/**
 * Runs a job over a file and says what was lost on the way; undefined when nothing was. Every line
 * that is not empty is a row in exactly one total, or the header that was recognised, or the job has
 * failed by a name; and where a serial of the sample still stands in a line, that line is answered for
 * this serial or malformed.
 */
export async function lossOf(file: MutatedFile): Promise<string | undefined> {
  const dependencies = {
    store: memoryJobStore(),
    files: memoryJobFiles(),
    runner: memoryRunner(),
    now,
  };
  const { format, compression, plain, bytes } = file;
  if (bytes.length === 0) return undefined;
  const asked = { format, compression, by: 'serial', rows: 'all', serialFormat: 'hex' } as const;
  const request = { ...asked, uploadBytes: bytes.length, issuer: 'auth-2023' };
  await createJob('service-1', 'job-1', request, profile, dependencies);
  dependencies.files.objects.set(jobFiles.upload('job-1'), bytes);
  await startJob('service-1', 'job-1', dependencies);
  const { manifestKey } = await planJob('job-1', {
    ...dependencies,
    lists,
    profile,
    quota: memoryCheckQuota(),
    identifiersPerDay: 1_000_000,
  });
  const manifest = dependencies.files.objects.get(manifestKey)!.toString();
  for (const chunk of JSON.parse(manifest) as JobChunk[]) {
    await checkChunk('job-1', chunk, {
      ...dependencies,
      lists,
      findCertificates,
      findBaseline,
      ...withoutResponders,
      recent: new RecentSerials(),
      log: () => {},
      attempt: 'a',
    });
  }
  await finishJob('job-1', false, dependencies);
  const job = (await dependencies.store.find('job-1'))!;
  if (job.state === 'failed') return job.failure?.startsWith('upload-') ? undefined : job.failure;
  if (job.state !== 'completed') return `ended ${job.state}`;
  if (compression === 'gzip' && bytes.length < gzipSync(plain).length)
    return 'a cut gzip file was read';

  const { rows, good, revoked, unknown, malformed } = job.totals!;
  if (rows !== good + revoked + unknown + malformed) return 'totals do not add up';
  const lines = plain.toString('latin1').split(/\r\n|\r|\n/);
  const told = lines.filter((line) => line.trim() !== '').length;
  const hasHeader = job.columns?.count !== undefined && told === rows + 1;
  if (rows !== told && !hasHeader) return `${rows} rows of ${told} lines`;

  const read = (kind: 'result' | 'malformed') =>
    dependencies.files.objects.get(jobFiles[kind]('job-1'))!.toString();
  if (compression === 'gzip') return undefined;
  const answered = new Map(
    read('result')
      .split('\n')
      .map((line) => rowOf(line, format)),
  );
  const refused = new Set(
    read('malformed')
      .split('\n')
      .map((line) => rowOf(line, format)[0]),
  );
  for (const [index, line] of lines.entries()) {
    const standing = serials.filter((serial) => standsAlone(serial, line));
    if (standing.length === 0 || refused.has(index + 1)) continue;
    const answer = answered.get(index + 1);
    if (answer === undefined) return `line ${index + 1} is in no answer`;
    if (standing.some((serial) => !answer.includes(serial))) {
      return `line ${index + 1} is answered for another serial`;
    }
  }
  return undefined;
}

/**
 * A whole field. Glued to other characters it is another number, or part of a text in another column,
 * to anybody: where a line end was replaced by a letter no reader can tell.
 */
const standsAlone = (serial: string, line: string): boolean =>
  new RegExp(`(?:^|[,"])\\s*${serial}\\s*(?:$|[,"])`).test(line);

function rowOf(line: string, format: 'csv' | 'ndjson'): [number, string] {
  if (format === 'csv') {
    const [number = '', identifier = ''] = line.split(',');
    return [Number(number), identifier];
  }
  if (line === '') return [0, ''];
  const { line: number = 0, serial = '' } = JSON.parse(line) as { line?: number; serial?: string };
  return [number, serial];
}
