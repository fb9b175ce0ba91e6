import { describe, expect, it } from '@jest/globals';
import { jobFiles } from '../../../lambdas/capabilities/jobs/job-files.ts';
import { jobLimits } from '../../../lambdas/capabilities/jobs/limits.ts';
import {
  cancelJob,
  createJob,
  getJob,
  startJob,
} from '../../../lambdas/capabilities/jobs/job-operations.ts';
import { pinIssuers } from '../../../lambdas/capabilities/jobs/pin-issuers.ts';
import { planJob } from '../../../lambdas/capabilities/jobs/plan-job.ts';
import { memoryJobFiles, memoryJobStore, memoryRunner } from './memory-jobs.ts';
import { keyIdOf, listOf, memoryLists, now, profile } from './sample-lists.ts';
import { memoryCheckQuota } from '../../fakes/memory-stores.ts';

const request = {
  format: 'csv',
  compression: 'none',
  by: 'serial',
  rows: 'all',
  uploadBytes: 3,
} as const;

async function created(issuer?: string) {
  const dependencies = {
    store: memoryJobStore(),
    files: memoryJobFiles(),
    runner: memoryRunner(),
    now,
  };
  const asked = issuer === undefined ? request : { ...request, issuer };
  const view = await createJob('service-1', 'job-1', asked, profile, dependencies);
  const upload = (content = '0a\n') =>
    dependencies.files.objects.set(jobFiles.upload('job-1'), Buffer.from(content));
  return { dependencies, view, upload };
}

describe('creating a job', () => {
  it('gives a URL that takes the file', async () => {
    const { view } = await created();
    expect(view.upload).toMatchObject({ headers: { 'Content-Length': '3' } });
    expect(view.job.state).toBe('awaiting-upload');
  });
  it.each(['auth-2023', keyIdOf('auth-2023'), keyIdOf('auth-2023').toUpperCase()])(
    'knows the issuer by %s',
    async (issuer) => {
      expect((await created(issuer)).view.job.issuerKeyId).toBe(keyIdOf('auth-2023'));
    },
  );
  it('refuses an untrusted issuer', async () => {
    await expect(created('auth-1999')).rejects.toMatchObject({ code: 'issuer-unknown' });
  });
});

describe('the quota of one service', () => {
  it('is enforced with the cure in detail, and released when a job ends', async () => {
    const dependencies = {
      store: memoryJobStore(),
      files: memoryJobFiles(),
      runner: memoryRunner(),
      now,
    };
    const create = (n: number) =>
      createJob('service-1', `job-${n}`, request, profile, dependencies);
    for (let n = 0; n < jobLimits.activeJobs; n += 1) await create(n);
    const refusal = { code: 'job-quota-exceeded', message: expect.stringContaining('cancel one') };
    await expect(create(99)).rejects.toMatchObject(refusal);
    await cancelJob('service-1', 'job-0', dependencies);
    await create(99);
    await expect(create(100)).rejects.toMatchObject(refusal);
    await createJob('service-2', 'job-other', request, profile, dependencies);
  });
});

describe('starting a job', () => {
  it('refuses before anything is uploaded', async () => {
    const { dependencies } = await created();
    await expect(startJob('service-1', 'job-1', dependencies)).rejects.toMatchObject({
      code: 'job-state-invalid',
    });
  });
  it('refuses an upload of another length', async () => {
    const { dependencies, upload } = await created();
    upload('0a');
    await expect(startJob('service-1', 'job-1', dependencies)).rejects.toMatchObject({
      code: 'job-state-invalid',
    });
  });
  it('twice is once', async () => {
    const { dependencies, upload } = await created();
    upload();
    await startJob('service-1', 'job-1', dependencies);
    const { job } = await startJob('service-1', 'job-1', dependencies);
    expect(job.state).toBe('planning');
    expect(new Set(dependencies.runner.started)).toEqual(new Set(['job-1']));
  });
  it('again after a start whose execution did not begin', async () => {
    const { dependencies, upload } = await created();
    upload();
    const failing = {
      ...dependencies,
      runner: { ...dependencies.runner, start: () => Promise.reject(new Error()) },
    };
    await expect(startJob('service-1', 'job-1', failing)).rejects.toThrow();
    await startJob('service-1', 'job-1', dependencies);
    expect(dependencies.runner.started).toEqual(['job-1']);
  });
});

describe('whose job it is', () => {
  it.each([getJob, startJob, cancelJob])('another service finds nothing', async (operation) => {
    const { dependencies } = await created();
    await expect(operation('service-2', 'job-1', dependencies)).rejects.toMatchObject({
      code: 'job-not-found',
    });
  });
  it('expires when it is not started in time', async () => {
    const { dependencies } = await created();
    const later = { ...dependencies, now: now + jobLimits.awaitingUploadMs };
    await expect(getJob('service-1', 'job-1', later)).rejects.toMatchObject({
      code: 'job-expired',
    });
  });
});

async function running() {
  const { dependencies, upload } = await created('auth-2023');
  upload();
  await startJob('service-1', 'job-1', dependencies);
  const lists = memoryLists([listOf('auth-2023')], {});
  return {
    dependencies,
    plan: () =>
      planJob('job-1', {
        ...dependencies,
        lists,
        profile,
        quota: memoryCheckQuota(),
        identifiersPerDay: 1_000_000,
      }),
  };
}

describe('cancelling a job', () => {
  it('stops it, deletes its files and can still be read', async () => {
    const { dependencies, plan } = await running();
    await plan();
    await cancelJob('service-1', 'job-1', dependencies);
    expect(dependencies.runner.stopped).toEqual(['job-1']);
    expect(dependencies.files.objects.size).toBe(0);
    expect((await getJob('service-1', 'job-1', dependencies)).job.state).toBe('cancelled');
  });
  it('before the plan leaves a plan with nothing to do', async () => {
    const { dependencies, plan } = await running();
    await cancelJob('service-1', 'job-1', dependencies);
    const { manifestKey } = await plan();
    expect(dependencies.files.objects.get(manifestKey)!.toString()).toBe('[]');
    expect((await getJob('service-1', 'job-1', dependencies)).job.state).toBe('cancelled');
  });
  it('that has ended deletes it', async () => {
    const { dependencies } = await running();
    await dependencies.store.change('job-1', ['planning'], { state: 'completed' });
    await cancelJob('service-1', 'job-1', dependencies);
    await expect(getJob('service-1', 'job-1', dependencies)).rejects.toMatchObject({
      code: 'job-not-found',
    });
  });
  it('is reported as failed when the execution timed out', async () => {
    const { dependencies, plan } = await running();
    await plan();
    const late = { ...dependencies, now: now + jobLimits.runMs + 1 };
    expect((await getJob('service-1', 'job-1', late)).job).toMatchObject({
      state: 'failed',
      failure: 'timed-out',
    });
    expect(dependencies.files.objects.size).toBe(0);
  });
});

const day = 24 * 3600_000;
const pinned = async (change: Parameters<typeof listOf>[1]) => {
  const lists = memoryLists([listOf('auth-2023', change)], {});
  return (await pinIssuers(profile, lists, now)).issuers[0]!.list;
};

describe('the lists that a job is pinned to', () => {
  it('is the current full list', async () => {
    expect(await pinned({})).toMatchObject({ generationId: 'auth-2023-1' });
  });
  it.each([
    ['for another scope', { scope: 'ab' }, 'no-applicable-crl'],
    ['due before now', { nextUpdate: now - 1 }, 'crl-stale'],
    ['older than the profile lets it be', { thisUpdate: now - 2 * day }, 'crl-stale'],
    ['from the future', { thisUpdate: now + 60_001 }, 'crl-not-yet-valid'],
  ])('is none %s', async (_, change, why) => {
    expect(await pinned(change)).toEqual({ why });
  });
});
