import type { SourceStatus } from '../../crl-store/lookup/list-sources.ts';
import type { LoadResult } from '../../crl-store/ingest/load-list.ts';
import { ingestionLimits } from './limits.ts';

/** CloudWatch's embedded metric format: metrics are log lines, no API call is made. */
function metrics(
  stage: string,
  values: Readonly<Record<string, readonly [value: number, unit: string]>>,
  now: number,
  source?: string,
): object {
  const dimensions = source === undefined ? ['Stage'] : ['Stage', 'Source'];
  return {
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: 'MyKeyPlatform',
          Dimensions: [dimensions],
          Metrics: Object.entries(values).map(([Name, [, Unit]]) => ({ Name, Unit })),
        },
      ],
    },
    Stage: stage,
    ...(source !== undefined && { Source: source }),
    ...Object.fromEntries(Object.entries(values).map(([name, [value]]) => [name, value])),
  };
}

/**
 * Aggregated over all sources of the stage: a metric for each of 1,741 municipalities would be too
 * many.
 */
export const loadMetrics = (
  stage: string,
  { generation }: LoadResult,
  durationMs: number,
  now: number,
): object =>
  metrics(
    stage,
    {
      IngestionDuration: [Math.round(durationMs), 'Milliseconds'],
      ...(generation && { ListEntries: [generation.entries, 'Count'] }),
    },
    now,
  );

/**
 * The age of every full list by source; over all sources, the maximum age and the number of sources
 * with faults.
 */
export function* stateMetrics(
  stage: string,
  status: readonly SourceStatus[],
  now: number,
): Generator<object> {
  for (const { source, scope, ageMs } of status) {
    if (scope === 'full' && ageMs !== undefined) {
      yield metrics(stage, { ListAge: [seconds(ageMs), 'Seconds'] }, now, source.id);
    }
  }
  const ages = status.flatMap(({ ageMs }) => (ageMs === undefined ? [] : [ageMs]));
  const count = (wanted: (each: SourceStatus) => boolean): readonly [number, string] => [
    status.filter(wanted).length,
    'Count',
  ];
  yield metrics(
    stage,
    {
      OldestListAge: [seconds(ages.reduce((a, b) => Math.max(a, b), 0)), 'Seconds'],
      ListsNotServing: count(({ state }) => state === 'never-loaded' || state === 'expired'),
      RefusedLists: count(({ lastAttempt }) => lastAttempt?.outcome === 'refused'),
      MissedLists: count((each) => isMissed(each, now)),
    },
    now,
  );
}

export const isMissed = ({ lastAttempt }: SourceStatus, now: number): boolean =>
  lastAttempt === undefined || now - lastAttempt.at > ingestionLimits.missedAfterMs;

export const seconds = (ms: number): number => Math.round(ms / 1000);
