import { planJob, type PlanDependencies } from './plan-job.ts';

/** Step Functions task `{ jobId }` → `{ manifestKey }`, which the distributed map reads. */
export function jobPlanHandler(
  dependencies: Omit<PlanDependencies, 'now'>,
  clock: () => number = Date.now,
) {
  return ({ jobId }: { readonly jobId: string }): Promise<{ manifestKey: string }> =>
    planJob(jobId, { ...dependencies, now: clock() });
}
