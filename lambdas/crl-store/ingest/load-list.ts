import { storeLimits } from '../limits.ts';
import { type ErrorCode, isCodedError } from '../../errors.ts';
import type { CrlSource } from '../../pki/trust-profile.ts';
import { ingestCrl, type IngestContext } from './ingest-crl.ts';
import type { IngestAttempt } from './list-writer.ts';
import type { StoredGeneration } from '../lookup/stored-generation.ts';

export interface LoadRequest {
  /** The source's id; for a drop, `drops`, until the list itself tells whose it is. */
  readonly name: string;
  readonly sources: readonly CrlSource[];
  /** A fresh download each time it is called. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface LoadContext extends IngestContext {
  readonly pause: (ms: number) => Promise<unknown>;
}

export interface LoadResult {
  readonly attempt: IngestAttempt;
  /** What serves now, where the list was loaded or known. */
  readonly generation?: StoredGeneration;
}

/**
 * What another download can mend: a transfer that broke off, or damaged what it brought (which shows
 * as bytes that do not parse or whose signature does not fit), or a store that did not answer.
 */
const worthAnotherTry: ReadonlySet<ErrorCode> = new Set([
  'crl-download-failed',
  'crl-malformed',
  'crl-signature-invalid',
  'dependency-unavailable',
]);

/** Loads one list, trying again where that can help, and leaves a record of how it went. */
export async function loadList(request: LoadRequest, context: LoadContext): Promise<LoadResult> {
  const result = await tryToLoad(request, context);
  // Without its record the list is no less loaded: the log line has the same.
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
      if (attempt < storeLimits.downloads && worthAnotherTry.has(code)) {
        await context.pause(1_000 * attempt);
        continue;
      }
      const message = isCodedError(error) ? error.message : 'unexpected failure';
      return { attempt: { sourceId: request.name, at, outcome: 'refused', code, message } };
    }
  }
}

/** Loads many lists, so many at a time; one that is refused does not keep the others. */
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
