import {
  listSources,
  type ListRecords,
  type SourceStatus,
} from '../../crl-store/lookup/list-sources.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import { isMissed, seconds, stateMetrics } from './list-metrics.ts';

export interface WatchSettings {
  readonly stage: string;
  readonly profile: TrustProfile;
  readonly lists: ListRecords;
  readonly clock?: () => number;
  readonly log?: (line: object) => void;
}

/**
 * Measures every list, whether or not an ingestion ran: emits ages and counts as metrics, and a log
 * line with the reason for each source whose list was refused, missed, expired or never loaded.
 */
export function watchHandler({ stage, profile, lists, clock = Date.now, ...rest }: WatchSettings) {
  const log = rest.log ?? ((line) => console.log(JSON.stringify(line)));
  return async (): Promise<{ readonly troubled: number }> => {
    const now = clock();
    const [generations, attempts] = await Promise.all([lists.all(), lists.attempts()]);
    const status = listSources(profile, generations, attempts, now);
    for (const line of stateMetrics(stage, status, now)) log(line);
    const troubled = status.filter((each) => each.state !== 'current' || isMissed(each, now));
    for (const each of troubled) log({ event: 'crl-list-trouble', ...lineOf(each, now) });
    return { troubled: troubled.length };
  };
}

const lineOf = (status: SourceStatus, now: number): object => ({
  source: status.source.id,
  state: status.state,
  missed: isMissed(status, now),
  code: status.lastAttempt?.code,
  lastAttemptAt: status.lastAttempt && new Date(status.lastAttempt.at).toISOString(),
  crlNumber: status.generation?.crlNumber,
  ageSeconds: status.ageMs === undefined ? undefined : seconds(status.ageMs),
});
