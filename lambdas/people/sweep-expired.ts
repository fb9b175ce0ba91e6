import { listBehalf, type BehalfRequest } from './behalf.ts';
import { openCorrections, readCorrection, type OpenCorrection } from './corrections.ts';
import type { RecordKey } from './identity-store.ts';
import { allProposals } from './proposed-acts.ts';
import type { Opened, RecordPorts } from './records.ts';
import type { Retention } from './retention.ts';

export interface SweepExpiredPorts extends RecordPorts {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly timeIsUp: () => boolean;
  readonly retention: Retention;
}

export interface SweptRecords {
  /** Requests on behalf whose period is over. */
  readonly requests: number;
  /** Proposals that nobody approved, or that were performed, after their period. */
  readonly proposals: number;
  /** Places in the list of open corrections whose request is gone. */
  readonly orphans: number;
}

/**
 * Deletes what the time to live does not: records written before a period was shortened, or before
 * they had an expiry, and places in a list that lead to nothing. Idempotent.
 */
export async function sweepExpired(ports: SweepExpiredPorts): Promise<SweptRecords> {
  const { now, retention } = ports;
  const requests = await listBehalf(ports);
  const proposals = await allProposals(ports);
  const orphans: Opened<OpenCorrection>[] = [];
  for (const place of await openCorrections(ports)) {
    if (ports.timeIsUp()) break;
    if ((await readCorrection(ports, place.value)) === undefined) orphans.push(place);
  }
  return {
    requests: await deleted(
      requests.filter(({ value }) => endOf(value, retention) <= now),
      ports,
    ),
    proposals: await deleted(
      proposals.filter(({ value }) => value.until <= now),
      ports,
    ),
    orphans: await deleted(orphans, ports),
  };
}

const endOf = (
  { requestedAt, approval }: BehalfRequest,
  { openRequestsMs, decidedRequestsMs }: Retention,
): number =>
  approval === undefined ? requestedAt + openRequestsMs : approval.at + decidedRequestsMs;

/** @returns how many were deleted; one that was written meanwhile, or has no time left, waits for the next run */
async function deleted(
  records: readonly { readonly key: RecordKey; readonly token: string }[],
  { store, timeIsUp }: SweepExpiredPorts,
): Promise<number> {
  let count = 0;
  for (const { key, token } of records)
    if (!timeIsUp() && (await store.write([{ change: 'delete', key, was: token }]))) count += 1;
  return count;
}
