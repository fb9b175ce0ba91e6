import { MyKeyError, QuotaExceeded, type QuotaName } from '../../errors.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import { finishJob, removeFiles } from './finish-job.ts';
import { downloadName, jobFiles } from './job-files.ts';
import { jobLimits } from './limits.ts';
import {
  activeStates,
  addTotals,
  noRows,
  type Job,
  type JobRequest,
  type JobTotals,
} from './job.ts';
import type { JobFiles, JobRunner, JobStore, PresignedUpload, ShareLimits } from './ports.ts';

export interface JobDependencies {
  readonly store: JobStore;
  readonly files: JobFiles;
  readonly runner: JobRunner;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A job with the URLs that its owner may use next. */
export interface JobView {
  readonly job: Job;
  readonly upload?: PresignedUpload & { readonly expiresAt: number };
  readonly progress?: JobProgress;
  readonly results?: readonly JobResult[];
}

export interface JobProgress {
  readonly chunks: number;
  readonly chunksDone: number;
  /** Lines in the file, including empty lines and the header. */
  readonly lines: number;
  /** Totals of the finished chunks. */
  readonly totals: JobTotals;
}

export interface JobResult {
  readonly name: 'result' | 'malformed';
  readonly url: string;
  readonly expiresAt: number;
}

/** @throws MyKeyError `issuer-unknown`, `job-quota-exceeded` */
export async function createJob(
  owner: string,
  jobId: string,
  request: Omit<JobRequest, 'issuerKeyId'> & { readonly issuer?: string },
  profile: TrustProfile,
  dependencies: JobDependencies,
): Promise<JobView> {
  const { store, files, now } = dependencies;
  const { issuer, ...rest } = request;
  const job: Job = {
    ...rest,
    ...(issuer === undefined ? {} : { issuerKeyId: namedIssuer(issuer, profile) }),
    jobId,
    owner,
    state: 'awaiting-upload',
    createdAt: now,
    expiresAt: now + jobLimits.awaitingUploadMs,
  };
  // A repetition of the same request: its job exists, regardless of the quota used since.
  if ((await store.find(jobId)) !== undefined) return getJob(owner, jobId, dependencies);
  await takeShare(job, store, now);
  if ((await store.create(job)) === 'stood') return getJob(owner, jobId, dependencies);
  return { job, upload: await presign(job, files, now) };
}

/** Limits one service so that others are served too. */
async function takeShare(job: Job, store: JobStore, now: number): Promise<void> {
  const { jobId, owner, uploadBytes: bytes, expiresAt: until } = job;
  const share = { jobId, owner, bytes, active: true, until };
  const limit = await store.takeShare(share, jobLimits, now);
  if (limit === undefined) return;
  const { cure, quota } = quotas[limit];
  throw new QuotaExceeded('job-quota-exceeded', cure, quota, aJobTakesSeconds);
}

/** A job of a million rows takes less than a minute. */
const aJobTakesSeconds = 60;

const quotas: Readonly<
  Record<keyof ShareLimits, { readonly quota: QuotaName; readonly cure: string }>
> = {
  activeJobs: {
    quota: 'active-jobs',
    cure: `wait for a job to end, or cancel one: ${jobLimits.activeJobs} of this service are awaited or worked on`,
  },
  keptJobs: {
    quota: 'kept-jobs',
    cure: `delete jobs whose results are fetched: ${jobLimits.keptJobs} of this service are kept`,
  },
  storedBytes: {
    quota: 'stored-bytes',
    cure: `delete jobs whose results are fetched: this service keeps ${jobLimits.storedBytes / 1024 ** 3} GiB`,
  },
};

/**
 * Starts the work on an uploaded file. Idempotent, so that it can be repeated after a lost
 * response.
 * @throws MyKeyError `job-not-found`, `job-expired`, `job-state-invalid`
 */
export async function startJob(
  owner: string,
  jobId: string,
  dependencies: JobDependencies,
): Promise<JobView> {
  const { store, files, runner, now } = dependencies;
  const found = await ownJob(owner, jobId, dependencies);
  if (activeStates.includes(found.state)) {
    await runner.start(jobId);
    return { job: found };
  }
  if (found.state !== 'awaiting-upload') {
    throw new MyKeyError('job-state-invalid', `the job is ${found.state}`);
  }
  const uploaded = await files.stat(jobFiles.upload(jobId));
  if (uploaded === undefined)
    throw new MyKeyError('job-state-invalid', 'upload the file first: no upload was found');
  if (uploaded.bytes !== found.uploadBytes) {
    throw new MyKeyError(
      'job-state-invalid',
      'upload a file of the size that the job was created with',
    );
  }
  const job = await store.change(jobId, ['awaiting-upload'], {
    state: 'planning',
    startedAt: now,
    uploadEtag: uploaded.etag,
    expiresAt: now + jobLimits.resultsMs,
  });
  // Another start or cancel won the race: the current state decides.
  if (job === undefined) return startJob(owner, jobId, dependencies);
  // By then an execution that could not close the job has itself ended.
  const until = now + jobLimits.runMs + jobLimits.runMs;
  await store.changeShare({ jobId, owner, bytes: job.uploadBytes, active: true, until });
  await runner.start(jobId);
  return { job };
}

/** @throws MyKeyError `job-not-found`, `job-expired` */
export async function getJob(
  owner: string,
  jobId: string,
  dependencies: JobDependencies,
): Promise<JobView> {
  const job = await ownJob(owner, jobId, dependencies);
  const { store, files, now } = dependencies;
  if (job.state === 'awaiting-upload') return { job, upload: await presign(job, files, now) };
  if (job.state === 'completed') return { job, results: await presignResults(job, files, now) };
  if (!activeStates.includes(job.state) || job.chunks === undefined) return { job };
  const outcomes = await store.outcomes(jobId);
  const totals = outcomes.map((outcome) => outcome.totals).reduce(addTotals, noRows);
  const { chunks, lines = 0 } = job;
  return { job, progress: { chunks, chunksDone: outcomes.length, lines, totals } };
}

/**
 * Stops a job and deletes its files. A cancelled job remains readable until it expires; a job that
 * had already ended is deleted immediately.
 * @throws MyKeyError `job-not-found`
 */
export async function cancelJob(
  owner: string,
  jobId: string,
  dependencies: JobDependencies,
): Promise<JobView> {
  const { store, files, runner, now } = dependencies;
  const job = await ownJob(owner, jobId, dependencies);
  const stopped = await store.change(jobId, ['awaiting-upload', ...activeStates], {
    state: 'cancelled',
    finishedAt: now,
  });
  if (stopped !== undefined) await runner.stop(jobId);
  // The record is deleted before the files: a worker that writes later finds no job and removes its
  // own files.
  if (stopped === undefined) await store.remove(jobId);
  await removeFiles(jobId, files);
  await store.giveBackShare(owner, jobId);
  return { job: stopped ?? { ...job, state: 'cancelled' } };
}

/** Another owner's job is reported as not found. */
async function ownJob(owner: string, jobId: string, dependencies: JobDependencies): Promise<Job> {
  const { store, now } = dependencies;
  const job = await store.find(jobId);
  if (job === undefined || job.owner !== owner) {
    throw new MyKeyError('job-not-found', 'no such job');
  }
  if (job.expiresAt <= now) throw new MyKeyError('job-expired', 'the job has expired');
  // An execution that exceeded its own timeout could not record the failure.
  const overdue = job.startedAt !== undefined && now - job.startedAt > jobLimits.runMs;
  if (!overdue || !activeStates.includes(job.state)) return job;
  const end = { state: 'failed', failure: 'timed-out', finishedAt: now } as const;
  const ended = await store.change(jobId, activeStates, end);
  await finishJob(jobId, true, dependencies);
  return ended ?? ownJob(owner, jobId, dependencies);
}

/** Maps a trust anchor name or issuer key id to the issuer key id. */
function namedIssuer(issuer: string, { anchors }: TrustProfile): string {
  for (const { id, certificate } of anchors) {
    const keyId = issuerKeyIdOf(certificate);
    if (issuer === id || issuer.toLowerCase() === keyId) return keyId;
  }
  throw new MyKeyError('issuer-unknown', 'no trust anchor of this deployment has this name');
}

async function presign(job: Job, files: JobFiles, now: number) {
  const seconds = jobLimits.uploadUrlSeconds;
  const upload = await files.presignUpload(jobFiles.upload(job.jobId), job.uploadBytes, seconds);
  return { ...upload, expiresAt: now + seconds * 1000 };
}

function presignResults(job: Job, files: JobFiles, now: number): Promise<JobResult[]> {
  const seconds = jobLimits.resultUrlSeconds;
  const expiresAt = now + seconds * 1000;
  const present = async (name: 'result' | 'malformed'): Promise<JobResult> => ({
    name,
    url: await files.presignDownload(jobFiles[name](job.jobId), downloadName(job, name), seconds),
    expiresAt,
  });
  return Promise.all([present('result'), present('malformed')]);
}
