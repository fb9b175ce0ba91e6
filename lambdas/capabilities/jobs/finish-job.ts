import { mayBeDecimal } from '../../crl-store/lookup/parse-serials.ts';
import { MyKeyError } from '../../errors.ts';
import { jobFiles } from './job-files.ts';
import { activeStates, addTotals, noRows, type Job } from './job.ts';
import { sumMalformed } from './malformed-rows.ts';
import type { ChunkOutcome, JobFiles, JobStore, SerialsSeen } from './ports.ts';
import { malformedHeader, resultHeader } from './result-lines.ts';

export interface FinishDependencies {
  readonly store: JobStore;
  readonly files: JobFiles;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Concatenates the accepted parts into the two result files and closes the job; idempotent.
 * `failed`: a step failed after its retries. The upload and the parts contain serials or PPIDs and
 * are deleted as soon as they are no longer needed.
 */
export async function finishJob(
  jobId: string,
  failed: boolean,
  { store, files, now }: FinishDependencies,
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
    const malformed = sumMalformed(outcomes.flatMap((outcome) => outcome.malformed ?? []));
    await store.change(jobId, ['finishing'], {
      state: 'completed',
      totals,
      ...(malformed.length === 0 ? {} : { malformed }),
      finishedAt: now,
    });
  }
  await clearUp(jobId, job.owner, { store, files });
}

/**
 * Deletes the files that the job's state does not keep: all except the results of a completed job.
 * Workers check the state after writing and remove files written later.
 */
async function clearUp(
  jobId: string,
  owner: string,
  { store, files }: Pick<FinishDependencies, 'store' | 'files'>,
): Promise<void> {
  const job = await store.find(jobId);
  if (job?.state !== 'completed') {
    await removeFiles(jobId, files);
    await store.giveBackShare(owner, jobId);
    return;
  }
  await files.removeAll(jobFiles.work(jobId));
  const results = [jobFiles.result(jobId), jobFiles.malformed(jobId)];
  const stats = await Promise.all(results.map((key) => files.stat(key)));
  const bytes = stats.reduce((sum, stat) => sum + (stat?.bytes ?? 0), 0);
  await store.changeShare({ jobId, owner, bytes, active: false, until: job.expiresAt });
}

/** Every object under the job's prefix, whichever attempt wrote it. */
export const removeFiles = (jobId: string, files: JobFiles): Promise<void> =>
  files.removeAll([...jobFiles.work(jobId), ...jobFiles.results(jobId)]);

/**
 * Determined only after all rows are read: decimal serials misread as hex would be reported as
 * good.
 */
function serialsAreAmbiguous({ serialFormat }: Job, outcomes: readonly ChunkOutcome[]): boolean {
  if (serialFormat !== undefined) return false;
  const seen = (what: keyof SerialsSeen) =>
    outcomes.reduce((sum, { serials }) => sum + (serials?.[what] ?? 0), 0);
  return mayBeDecimal(seen('distinct'), seen('letters'));
}

async function join(job: Job, outcomes: readonly ChunkOutcome[], files: JobFiles) {
  // The map has run every chunk: a missing chunk is an internal error and must not yield an
  // incomplete result.
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
