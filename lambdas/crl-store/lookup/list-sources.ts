import type { CrlSource, TrustProfile } from '../../pki/trust-profile.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import { anchorOf, scopeOf } from '../ingest/accept-crl.ts';
import { staleness } from './bulk-check.ts';
import type { IngestAttempt } from '../ingest/list-writer.ts';
import type { Generation, StoredLists } from './stored-lists.ts';

/** Port: current generations, and the results of loading. */
export interface ListRecords extends Pick<StoredLists, 'all'> {
  /** The last attempt of every source that was ever tried. */
  attempts(): Promise<readonly IngestAttempt[]>;
}

/**
 * `current`: the CRL is current. `overdue`: it is current, but the last attempt to renew it was refused.
 * `expired`: it is stale and proves nothing.
 */
export type SourceState = 'current' | 'overdue' | 'expired' | 'never-loaded';

export interface SourceStatus {
  readonly source: CrlSource;
  readonly scope: string;
  readonly state: SourceState;
  readonly generation: Generation | undefined;
  /** Milliseconds since thisUpdate. */
  readonly ageMs: number | undefined;
  readonly lastAttempt: IngestAttempt | undefined;
}

/** Every source of the trust profile with its current generation and the last attempt to load it. */
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
