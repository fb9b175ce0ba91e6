import { reseal, resealWaitingNumbers, type ResealPorts } from '../../people/reseal.ts';
import type { ServiceRegistry } from '../services/service-registry.ts';
import { resealLimits } from './limits.ts';

export interface ResealDependencies extends Omit<ResealPorts, 'part'> {
  readonly services: Pick<ServiceRegistry, 'list'>;
}

export type ResealPart =
  | { readonly part: 'records'; readonly segment: number; readonly segments: number }
  | { readonly part: 'waiting-numbers' };

export interface Progress {
  readonly subjects: number;
  /** Number of records that had the previous key version. */
  readonly records: number;
  /** Where to continue; undefined at the end of the part. */
  readonly next?: unknown;
}

/** Position among the waiting numbers: services before `after` are done, of the next `shard` shards. */
interface WaitingPosition {
  readonly after?: string | undefined;
  readonly shard: number;
}

/**
 * Re-seals for some seconds.
 * @param from `next` of the previous call for this part
 */
export async function resealSome(
  part: ResealPart,
  from: unknown,
  dependencies: ResealDependencies,
): Promise<Progress> {
  if (part.part === 'waiting-numbers') {
    return waitingNumbers(from as WaitingPosition | undefined, dependencies);
  }
  const { segment, segments } = part;
  const scanned = { segment, segments, limit: resealLimits.recordsPerPage };
  return reseal(from, { ...dependencies, part: scanned });
}

async function waitingNumbers(
  from: WaitingPosition | undefined,
  dependencies: ResealDependencies,
): Promise<Progress> {
  let { after, shard } = from ?? { shard: 0 };
  let records = 0;
  for (;;) {
    const { services, next } = await dependencies.services.list(after, 1);
    for (const { serviceId } of services) {
      const done = await resealWaitingNumbers(serviceId, shard, dependencies);
      records += done.records;
      if (done.next !== undefined) {
        return { subjects: 0, records, next: { after, shard: done.next } };
      }
    }
    if (next === undefined) return { subjects: 0, records };
    [after, shard] = [next, 0];
    if (dependencies.timeIsUp()) return { subjects: 0, records, next: { after, shard } };
  }
}
