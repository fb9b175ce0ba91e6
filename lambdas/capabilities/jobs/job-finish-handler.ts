import { finishJob, type FinishDependencies } from './finish-job.ts';

/** Step Functions task; `failed` if an earlier step failed. */
export function jobFinishHandler(
  dependencies: Omit<FinishDependencies, 'now'>,
  clock: () => number = Date.now,
) {
  return ({
    jobId,
    failed = false,
  }: {
    readonly jobId: string;
    readonly failed?: boolean;
  }): Promise<void> => finishJob(jobId, failed, { ...dependencies, now: clock() });
}
