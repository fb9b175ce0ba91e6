import { leavesFormatOpen } from '../../crl-store/lookup/parse-serials.ts';
import { MyKeyError } from '../../errors.ts';
import { jobFiles } from './job-files.ts';
import { activeStates, addTotals, noRows, type Job } from './job.ts';
import type { ChunkOutcome, JobFiles, JobStore, SerialsSeen } from './ports.ts';
import { malformedHeader, resultHeader } from './result-lines.ts';

export interface FinishWorld {
  readonly store: JobStore;
  readonly files: JobFiles;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Joins the parts that count into the two result files and closes the job; run twice, it writes the
 * same. `failed`: a step gave up after its retries. The upload and the parts hold serials or PPIDs,
 * so they go as soon as nobody needs them.
 */
export async function finishJob(
  jobId: string,
  failed: boolean,
  { store, files, now }: FinishWorld,
): Promise<void> {
  const job = await store.find(jobId);
  if (job === undefined) return;
  const outcomes = await store.outcomes(jobId);
  if (failed) {
    const end = { state: 'failed', failure: 'internal-error', finishedAt: now } as const;
    await store.change(jobId, activeStates, end);
  } else if (serialsAreAmbiguous(job, outcomes)) {
    const end = { state: 'failed', failure: 'upload-serials-ambiguous', finishedAt: now } as const;
    await store.change(jobId, activeStates, end);
  } else if (job.state === 'checking' || job.state === 'finishing') {
    await store.change(jobId, ['checking'], { state: 'finishing' });
    const totals = await join(job, outcomes, files);
    await store.change(jobId, ['finishing'], { state: 'completed', totals, finishedAt: now });
  }
  await files.remove(workFiles(job, outcomes));
}

/** Known when all is read: decimal serials taken for hex would be answered as good. */
function serialsAreAmbiguous({ serialFormat }: Job, outcomes: readonly ChunkOutcome[]): boolean {
  if (serialFormat !== undefined) return false;
  const seen = (what: keyof SerialsSeen) =>
    outcomes.reduce((sum, { serials }) => sum + (serials?.[what] ?? 0), 0);
  return leavesFormatOpen(seen('distinct'), seen('letters'));
}

async function join(job: Job, outcomes: readonly ChunkOutcome[], files: JobFiles) {
  // The map has run every chunk: a gap is a fault of ours and must not pass for a complete result.
  if (outcomes.length !== job.chunks || outcomes.some(({ index }, at) => index !== at)) {
    throw new MyKeyError('internal-error', 'chunks are missing');
  }
  const keys = (kind: 'resultKey' | 'malformedKey') =>
    outcomes.flatMap((outcome) => outcome[kind] ?? []);
  const { jobId, compression, format } = job;
  const totals = outcomes.map((outcome) => outcome.totals).reduce(addTotals, noRows);
  const head = resultHeader(job, totals);
  await files.join(jobFiles.result(jobId), head, keys('resultKey'), compression);
  await files.join(
    jobFiles.malformed(jobId),
    malformedHeader(format),
    keys('malformedKey'),
    compression,
  );
  return totals;
}

/** All that is not a result. Files of attempts that did not count go with the bucket's life cycle. */
export function workFiles(job: Job, outcomes: readonly ChunkOutcome[]): string[] {
  const pieces =
    job.compression === 'gzip'
      ? Array.from({ length: job.chunks ?? 0 }, (_, index) => jobFiles.piece(job.jobId, index))
      : [];
  const parts = outcomes.flatMap(({ resultKey, malformedKey }) => [resultKey, malformedKey]);
  return [
    jobFiles.upload(job.jobId),
    jobFiles.manifest(job.jobId),
    ...pieces,
    ...parts.filter((key) => key !== undefined),
  ];
}
