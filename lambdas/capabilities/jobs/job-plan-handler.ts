import { planJob, type PlanWorld } from './plan-job.ts';

/** Step Functions task `{ jobId }` → `{ manifestKey }`, which the distributed map reads. */
export function jobPlanHandler(world: Omit<PlanWorld, 'now'>, clock: () => number = Date.now) {
  return ({ jobId }: { readonly jobId: string }): Promise<{ manifestKey: string }> =>
    planJob(jobId, { ...world, now: clock() });
}
