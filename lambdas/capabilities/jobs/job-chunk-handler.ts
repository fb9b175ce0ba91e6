import { setTimeout as delay } from 'node:timers/promises';
import { checkChunk, type ChunkDependencies } from './check-chunk.ts';
import type { JobChunk } from './ports.ts';

/** Step Functions task for one chunk of the manifest. Every invocation is a separate attempt. */
export function jobChunkHandler(
  dependencies: Omit<ChunkDependencies, 'attempt' | 'now' | 'elapsedMs' | 'pause'> & {
    readonly stopwatch: () => () => number;
  },
  clock: () => number = Date.now,
) {
  return async (
    { jobId, chunk }: { readonly jobId: string; readonly chunk: JobChunk },
    { awsRequestId }: { readonly awsRequestId: string },
  ): Promise<void> =>
    checkChunk(jobId, chunk, {
      ...dependencies,
      attempt: awsRequestId,
      now: clock(),
      elapsedMs: dependencies.stopwatch(),
      pause: (ms) => delay(ms),
    });
}
