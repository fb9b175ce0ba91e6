import type { BulkLists } from '../../crl-store/lookup/bulk-check.ts';
import type { CertificateReference } from '../../people/certificate-reference.ts';
import type { OcspClient } from '../../pki/ocsp/ocsp-client.ts';
import { defaultRevocationBudget } from '../../pki/limits.ts';
import type { RevocationBudget } from '../../pki/revocation/revocation-policy.ts';
import type { RevocationMethod, RevocationStatus } from '../../pki/revocation/revocation-status.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import { severalAtOnce } from '../../several-at-once.ts';
import {
  judgeAttributes,
  signatureStatus,
  type JudgedAttributes,
} from '../attribute-status/signature-status.ts';
import type { Job, PinnedIssuers } from './job.ts';
import { jobLimits } from './limits.ts';
import { ListsUnread, pinnedLists, readPinnedLists } from './pinned-lists.ts';
import type { FindBaseline, JobFiles } from './ports.ts';
import type { Row } from './read-rows.ts';

export interface AttributeDependencies {
  readonly files: Pick<JobFiles, 'stream'>;
  readonly lists: Pick<BulkLists, 'lookupPacked'>;
  readonly findBaseline: FindBaseline;
  readonly ocsp: OcspClient;
  readonly profile: TrustProfile;
  /** Monotonic milliseconds since this attempt at the chunk began. */
  readonly elapsedMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** When this attempt began, in milliseconds since 1970. */
  readonly now: number;
}

/**
 * Whether the attributes of each person changed, by the signature certificate with which the service
 * last confirmed them: the decision of a single question, from records and kept answers of the linkage
 * service alone.
 * @throws MyKeyError `dependency-unavailable`
 */
export async function answerAttributes(
  job: Job,
  pinned: PinnedIssuers,
  rows: readonly Row[],
  dependencies: AttributeDependencies,
): Promise<readonly JudgedAttributes[]> {
  const baselines = await severalAtOnce(rows, jobLimits.concurrentFinds, ({ identifier }) =>
    dependencies.findBaseline(job.owner, identifier, pinned.checkedAt),
  );
  const { ask, atOnce } = await questionsOf(job, pinned, dependencies);
  try {
    return await severalAtOnce(baselines, atOnce, async (baseline) => {
      if (baseline === 'ppid-unknown') return { status: 'unknown', reason: baseline };
      const { certificate, reason } = baseline;
      if (certificate === undefined) return { status: 'unknown', reason };
      return judgeAttributes(await ask(certificate), reason);
    });
  } catch (error) {
    throw error instanceof ListsUnread ? error.cause : error;
  }
}

interface Questions {
  readonly ask: (certificate: CertificateReference) => Promise<RevocationStatus>;
  readonly atOnce: number;
}

async function questionsOf(
  job: Job,
  pinned: PinnedIssuers,
  dependencies: AttributeDependencies,
): Promise<Questions> {
  const { method } = job;
  if (method === undefined) return byFullLists(pinned, dependencies);
  const generations = await readPinnedLists(job.jobId, dependencies.files);
  const ports = { ...dependencies, lists: pinnedLists(generations, dependencies.lists) };
  if (method !== 'crl') return { ask: byResponder(method, ports), atOnce: jobLimits.ocspAtOnce };
  const asOf = { ...ports, now: pinned.checkedAt };
  return { ask: (certificate) => signatureStatus(certificate, 'crl', asOf), atOnce: Infinity };
}

/** By the full list of each issuer that planning found complete and current. */
function byFullLists(
  { issuers, checkedAt }: PinnedIssuers,
  dependencies: AttributeDependencies,
): Questions {
  const byKey = new Map(issuers.map(({ issuerKeyId, list }) => [issuerKeyId, list]));
  const usable = issuers.flatMap(({ list }) => ('why' in list ? [] : [list]));
  const lists = pinnedLists(usable, dependencies.lists);
  const ports = { ...dependencies, lists, now: checkedAt };
  const ask: Questions['ask'] = async ({ issuerKeyId, serial }) => {
    const list = byKey.get(issuerKeyId) ?? { why: 'no-applicable-crl' };
    return 'why' in list
      ? { status: 'unknown', why: list.why }
      : signatureStatus({ issuerKeyId, serial }, 'crl', ports);
  };
  return { ask, atOnce: Infinity };
}

/**
 * Each row is judged when it is asked, as responses are younger than the plan. A slow responder costs the
 * chunk its time, then rows their answer, and never the chunk itself.
 */
function byResponder(
  method: Exclude<RevocationMethod, 'crl'>,
  ports: Parameters<typeof signatureStatus>[2] & Pick<AttributeDependencies, 'pause'>,
): Questions['ask'] {
  const { elapsedMs, pause } = ports;
  return async (certificate) => {
    const spentMs = elapsedMs();
    const now = ports.now + Math.floor(spentMs);
    const budget = budgetWithin(jobLimits.ocspChunkMs - spentMs, method);
    const status = await signatureStatus(certificate, method, { ...ports, now }, budget);
    if (status.status === 'unknown' && hasFailed.has(status.why)) {
      await pause(jobLimits.ocspPauseMs);
    }
    return status;
  };
}

const hasFailed: ReadonlySet<string> = new Set([
  'ocsp-unreachable',
  'ocsp-timeout',
  'ocsp-error-status',
]);

/** That of a request, without the time that the chunk no longer has; lists keep theirs under `auto`. */
function budgetWithin(leftMs: number, method: 'ocsp' | 'auto'): RevocationBudget {
  const { totalMs, listsMs } = defaultRevocationBudget;
  const kept = method === 'auto' ? listsMs : 0;
  return {
    ...defaultRevocationBudget,
    totalMs: kept + Math.max(0, Math.min(totalMs - kept, leftMs)),
  };
}
