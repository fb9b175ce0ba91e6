import { storeLimits } from '../limits.ts';
import { type ErrorCode, isCodedError } from '../../errors.ts';
import type { CrlSource } from '../../pki/trust-profile.ts';
import { ingestCrl, type IngestContext } from './ingest-crl.ts';
import type { IngestAttempt } from './list-writer.ts';
import type { StoredGeneration } from '../lookup/stored-generation.ts';

export interface LoadRequest {
  /** The source's id; for a dropped file, `drops` until its source is known. */
  readonly name: string;
  readonly sources: readonly CrlSource[];
  /** Starts a new download on each call. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface LoadContext extends IngestContext {
  readonly pause: (ms: number) => Promise<unknown>;
}

export interface LoadResult {
  readonly attempt: IngestAttempt;
  /** The current generation, if the CRL was loaded or unchanged. */
  readonly generation?: StoredGeneration;
}

/**
 * Failures after which another download may succeed: an interrupted transfer, damaged data (which does not
 * parse, or whose signature is invalid), or an unavailable store.
 */
const retriableCodes: ReadonlySet<ErrorCode> = new Set([
  'crl-download-failed',
  'crl-malformed',
  'crl-signature-invalid',
  'dependency-unavailable',
]);

/** Loads one CRL, with retries after `retriableCodes` failures, and records the attempt. */
export async function loadList(request: LoadRequest, context: LoadContext): Promise<LoadResult> {
  const result = await tryToLoad(request, context);
  // A failure to record the attempt is ignored: the log has the same information.
  await context.writer.recordAttempt(result.attempt).catch(() => {});
  return result;
}

async function tryToLoad(request: LoadRequest, context: LoadContext): Promise<LoadResult> {
  const at = context.now;
  for (let attempt = 1; ; attempt++) {
    try {
      const loaded = await ingestCrl(request.open(), request.sources, context);
      const { outcome, source, generation } = loaded;
      const { crlNumber } = generation;
      return { attempt: { sourceId: source.id, at, outcome, crlNumber }, generation };
    } catch (error) {
      const code = isCodedError(error) ? error.code : 'internal-error';
      if (attempt < storeLimits.downloads && retriableCodes.has(code)) {
        await context.pause(1_000 * attempt);
        continue;
      }
      const message = isCodedError(error) ? error.message : 'unexpected failure';
      return { attempt: { sourceId: request.name, at, outcome: 'refused', code, message } };
    }
  }
}

/** Loads several CRLs, `concurrency` at a time; a refused CRL does not stop the others. */
export async function loadLists(
  requests: readonly LoadRequest[],
  context: LoadContext,
  concurrency: number,
  onResult: (result: LoadResult) => void = () => {},
): Promise<readonly LoadResult[]> {
  const results: LoadResult[] = [];
  const left = requests.values();
  const worker = async (): Promise<void> => {
    for (const request of left) {
      const result = await loadList(request, context);
      results.push(result);
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return results;
}
