import { PlatformClient, PlatformProblem } from '../platform-client.ts';
import { jobLimits } from '../../lambdas/capabilities/jobs/limits.ts';
import type { SmokeTarget } from './smoke-target.ts';

const jobs = '/v1/revocations/jobs';

/**
 * Creates one job more than a service may have at once: the last must be refused with the quota's
 * code.
 */
export async function quota({ identity }: SmokeTarget): Promise<string> {
  const client = new PlatformClient({ ...identity, scope: 'jobs:write' });
  const created: string[] = [];
  try {
    for (let n = 0; n <= jobLimits.activeJobs; n++) {
      const request = { by: 'ppid', format: 'csv', bytes: 40 };
      created.push((await client.request<{ jobId: string }>('POST', jobs, request)).jobId);
    }
  } catch (error) {
    if (error instanceof PlatformProblem && error.code === 'job-quota-exceeded')
      return `429 ${error.code} after ${created.length} jobs awaiting their upload`;
    throw error;
  } finally {
    for (const jobId of created) await client.request('DELETE', `${jobs}/${jobId}`).catch(() => {});
  }
  throw new Error(`${created.length} jobs at once were taken`);
}
