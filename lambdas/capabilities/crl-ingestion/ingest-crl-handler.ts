import { setTimeout as delay } from 'node:timers/promises';
import type { IngestProgress } from '../../crl-store/ingest/ingest-crl.ts';
import type { ListWriter } from '../../crl-store/ingest/list-writer.ts';
import { loadLists, type LoadRequest, type LoadResult } from '../../crl-store/ingest/load-list.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import { loadMetrics } from './list-metrics.ts';
import { ingestionLimits } from './limits.ts';

export interface IngestSettings {
  readonly stage: string;
  readonly profile: TrustProfile;
  readonly writer: ListWriter;
  /** Opens a new download of a list by its URL at every call. */
  readonly download: (url: string) => AsyncIterable<Uint8Array>;
  readonly clock?: () => number;
  readonly pause?: (ms: number) => Promise<unknown>;
  readonly log?: (line: object) => void;
}

/** The schedule's `{ sourceId? }`, EventBridge's "Object Created", or S3's own notification. */
export interface IngestEvent {
  readonly sourceId?: string;
  readonly detail?: S3Object;
  readonly Records?: readonly { readonly s3: S3Object }[];
}

interface S3Object {
  readonly bucket: { readonly name: string };
  readonly object: { readonly key: string };
}

export interface IngestSummary {
  readonly switched: number;
  readonly unchanged: number;
  readonly refused: number;
}

/**
 * Ingests the lists that the event names. A refused list does not stop the others. If any list was
 * refused, the call fails after all have been tried, so that Lambda retries it and the alarm is
 * raised.
 */
export function ingestHandler(settings: IngestSettings) {
  const { stage, profile, writer, download, clock = Date.now, pause = delay } = settings;
  const log = settings.log ?? ((line) => console.log(JSON.stringify(line)));
  return async (event: IngestEvent): Promise<IngestSummary> => {
    const startedAt = performance.now();
    const now = clock();
    const requests = requestsOf(event, profile, download);
    const context = { rules: profile, writer, now, pause, onProgress: progressLines(log) };
    const results = await loadLists(
      requests,
      context,
      ingestionLimits.concurrentLists,
      (result) => {
        log({ event: 'crl-list', ...lineOf(result) });
        log(loadMetrics(stage, result, performance.now() - startedAt, now));
      },
    );
    const summary = summaryOf(results);
    log({
      event: 'crl-ingestion',
      ...summary,
      durationMs: Math.round(performance.now() - startedAt),
    });
    if (summary.refused > 0)
      throw new Error(`${summary.refused} of ${results.length} lists refused`);
    return summary;
  };
}

function requestsOf(
  event: IngestEvent,
  profile: TrustProfile,
  download: IngestSettings['download'],
): readonly LoadRequest[] {
  const objects = event.Records
    ? // Object keys are form-encoded in S3 notifications and plain in EventBridge events.
      event.Records.map(({ s3 }) => ({
        ...s3,
        object: { key: decodeURIComponent(s3.object.key.replaceAll('+', ' ')) },
      }))
    : event.detail && [event.detail];
  if (objects) {
    return objects
      .filter(({ object }) => object.key.startsWith('drops/') && !object.key.endsWith('/'))
      .map(({ bucket, object }) => ({
        name: 'drops',
        sources: profile.crlSources,
        open: () => download(`s3://${bucket.name}/${encodeURIComponent(object.key)}`),
      }));
  }
  return profile.crlSources
    .filter(({ id }) => event.sourceId === undefined || id === event.sourceId)
    .map((source) => ({ name: source.id, sources: [source], open: () => download(source.url) }));
}

const lineOf = ({ attempt, generation }: LoadResult): object => ({
  source: attempt.sourceId,
  outcome: attempt.outcome,
  code: attempt.code,
  message: attempt.message,
  crlNumber: attempt.crlNumber,
  entries: generation?.entries,
  bytes: generation?.bytes,
});

/** Logs progress at most every five seconds. */
function progressLines(log: (line: object) => void): (progress: IngestProgress) => void {
  let last = performance.now();
  return (progress) => {
    if (performance.now() - last < 5_000) return;
    last = performance.now();
    log({ event: 'crl-progress', ...progress });
  };
}

function summaryOf(results: readonly LoadResult[]): IngestSummary {
  const count = (outcome: string): number =>
    results.filter(({ attempt }) => attempt.outcome === outcome).length;
  return {
    switched: count('switched'),
    unchanged: count('unchanged'),
    refused: count('refused'),
  };
}
