import type { CrlSource, TrustProfile } from '../../pki/trust-profile.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import { anchorOf, scopeOf } from '../ingest/accept-crl.ts';
import { staleness } from './bulk-check.ts';
import type { IngestAttempt } from '../ingest/list-writer.ts';
import type { Generation, StoredLists } from './stored-lists.ts';

/** Port: what serves, and how loading went. */
export interface ListRecords extends Pick<StoredLists, 'all'> {
  /** The last attempt of every source that was ever tried. */
  attempts(): Promise<readonly IngestAttempt[]>;
}

/**
 * `current` proves answers. `overdue` still does, but the last attempt to renew it was refused.
 * `expired` proves nothing any more.
 */
export type SourceState = 'current' | 'overdue' | 'expired' | 'never-loaded';

export interface SourceStatus {
  readonly source: CrlSource;
  readonly scope: string;
  readonly state: SourceState;
  readonly generation: Generation | undefined;
  /** Milliseconds since the list was true. */
  readonly ageMs: number | undefined;
  readonly lastAttempt: IngestAttempt | undefined;
}

/** Every source of the profile with the list that serves for it and how the last attempt went. */
export function listSources(
  rules: Pick<TrustProfile, 'anchors' | 'crlSources' | 'clockSkewMs' | 'crlMaxAgeMs'>,
  generations: readonly Generation[],
  attempts: readonly IngestAttempt[],
  now: number,
): readonly SourceStatus[] {
  const serving = new Map(generations.map((g) => [keyOf(g.issuerKeyId, g.scope), g]));
  const lastAttempts = new Map(attempts.map((attempt) => [attempt.sourceId, attempt]));
  return rules.crlSources.map((source) => {
    const scope = scopeOf(source);
    const issuerKeyId = issuerKeyIdOf(anchorOf(source, rules).certificate);
    const generation = serving.get(keyOf(issuerKeyId, scope));
    const lastAttempt = lastAttempts.get(source.id);
    return {
      source,
      scope,
      state: stateOf(generation, lastAttempt, rules, now),
      generation,
      ageMs: generation && now - generation.thisUpdate,
      lastAttempt,
    };
  });
}

function stateOf(
  generation: Generation | undefined,
  lastAttempt: IngestAttempt | undefined,
  rules: Pick<TrustProfile, 'clockSkewMs' | 'crlMaxAgeMs'>,
  now: number,
): SourceState {
  if (!generation) return 'never-loaded';
  if (staleness(generation, rules, now)) return 'expired';
  return lastAttempt?.outcome === 'refused' ? 'overdue' : 'current';
}

const keyOf = (issuerKeyId: string, scope: string): string => `${issuerKeyId}#${scope}`;
