import type { SourceStatus } from '../core/revocation/list-sources.ts';
import type { LoadResult } from '../core/revocation/load-list.ts';

/** CloudWatch's embedded metric format: metrics as log lines, no call. */
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

/** Per loaded list, over all sources of the stage: 1,741 municipalities would be as many metrics. */
export const loadMetrics = (
  stage: string,
  { attempt, generation }: LoadResult,
  durationMs: number,
  now: number,
): object =>
  metrics(
    stage,
    {
      RefusedLists: [attempt.outcome === 'refused' ? 1 : 0, 'Count'],
      IngestionDuration: [Math.round(durationMs), 'Milliseconds'],
      ...(generation && { ListEntries: [generation.entries, 'Count'] }),
    },
    now,
  );

/** The age of every full list by its source, and the oldest and the missing over all of them. */
export function* ageMetrics(
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
  yield metrics(
    stage,
    {
      OldestListAge: [seconds(ages.reduce((a, b) => Math.max(a, b), 0)), 'Seconds'],
      ListsNotServing: [
        status.filter(({ state }) => state === 'never-loaded' || state === 'expired').length,
        'Count',
      ],
    },
    now,
  );
}

const seconds = (ms: number): number => Math.round(ms / 1000);
