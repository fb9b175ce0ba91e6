import {
  cancelJob,
  createJob,
  getJob,
  startJob,
  type JobView,
  type JobDependencies,
} from './job-operations.ts';
import { failureCures } from './failure-cures.ts';
import { malformedRowCures } from './malformed-rows.ts';
import type { PinnedIssuer } from './job.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import { functionHandler } from '../../platform/http/function-handler.ts';
import { identifierFor } from '../../platform/http/identifier-for.ts';
import { operationHandler, type HttpSettings } from '../../platform/http/operation-handler.ts';
import { holdsScope } from '../../platform/http/scope.ts';
import { MyKeyError } from '../../errors.ts';
import { attributesRead } from '../attribute-status/contract.ts';
import { requireMethod } from '../services/service-rights.ts';
import { revocationReasonsRead } from '../revocation-checks/contract.ts';
import * as contracts from './contract.ts';

export interface JobsDependencies {
  readonly jobs: Omit<JobDependencies, 'now'>;
  readonly profile: TrustProfile;
}

/** Bulk jobs of the calling service; jobs of the operator belong to `operator`. */
export function jobsHandler({ jobs, profile }: JobsDependencies, settings: HttpSettings) {
  return functionHandler(
    operationHandler(
      contracts.createJob,
      async ({ body, caller, requestToken, now }) => {
        if (body.ask === 'attributes' && !holdsScope(caller.scopes, attributesRead)) {
          throw new MyKeyError(
            'scope-insufficient',
            `request a token with the scope that attributes need: ${attributesRead.name}`,
          );
        }
        if (body.method !== undefined) requireMethod(caller.serviceType, body.method);
        const { bytes, issuer, serialFormat, column, method, ...request } = body;
        const view = await createJob(
          caller.serviceId,
          identifierFor(requestToken, 'job'),
          {
            ...request,
            uploadBytes: bytes,
            ...(issuer === undefined ? {} : { issuer }),
            ...(serialFormat === undefined ? {} : { serialFormat }),
            ...(column === undefined ? {} : { column }),
            ...(method === undefined ? {} : { method }),
            ...(!holdsScope(caller.scopes, revocationReasonsRead) && { withoutReasons: true }),
            ...(caller.checkedIdentifiersPerDay && {
              identifiersPerDay: caller.checkedIdentifiersPerDay,
            }),
          },
          profile,
          { ...jobs, now },
        );
        return { status: 201, body: jobBody(view) };
      },
      settings,
    ),
    operationHandler(
      contracts.startJob,
      async ({ path, caller, now }) => {
        const view = await startJob(caller.serviceId, path.jobId, { ...jobs, now });
        return { status: 202, body: jobBody(view) };
      },
      settings,
    ),
    operationHandler(
      contracts.getJob,
      async ({ path, caller, now }) => {
        const view = await getJob(caller.serviceId, path.jobId, { ...jobs, now });
        return { status: 200, body: jobBody(view) };
      },
      settings,
    ),
    operationHandler(
      contracts.cancelJob,
      async ({ path, caller, now }) => {
        const view = await cancelJob(caller.serviceId, path.jobId, { ...jobs, now });
        return { status: 200, body: jobBody(view) };
      },
      settings,
    ),
  );
}

function jobBody({ job, upload, progress, results }: JobView) {
  const { pinned } = job;
  return {
    jobId: job.jobId,
    state: job.state,
    failure: job.failure,
    detail: job.failure && (job.failureDetail ?? failureCures[job.failure]),
    format: job.format,
    compression: job.compression,
    by: job.by,
    ask: job.ask ?? 'revocation',
    method: job.method,
    createdAt: timestamp(job.createdAt),
    startedAt: timestamp(job.startedAt),
    finishedAt: timestamp(job.finishedAt),
    expiresAt: timestamp(job.expiresAt),
    upload: upload && {
      method: 'PUT',
      url: upload.url,
      headers: upload.headers,
      expiresAt: timestamp(upload.expiresAt),
    },
    progress,
    checkedAt: timestamp(pinned?.checkedAt),
    lists: job.method === 'ocsp' ? undefined : pinned?.issuers.map(listBody),
    totals: job.totals,
    malformed: job.malformed?.map((count) => ({ ...count, detail: malformedRowCures[count.code] })),
    results: results?.map(({ name, url, expiresAt }) => ({
      name,
      url,
      expiresAt: timestamp(expiresAt),
    })),
  };
}

function listBody({ name, list }: PinnedIssuer) {
  if ('why' in list) return { issuer: name, why: list.why };
  return {
    issuer: name,
    source: list.sourceId,
    crlNumber: list.crlNumber,
    thisUpdate: timestamp(list.thisUpdate),
    nextUpdate: timestamp(list.nextUpdate),
  };
}

/** JSON omits undefined members. */
const timestamp = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();
