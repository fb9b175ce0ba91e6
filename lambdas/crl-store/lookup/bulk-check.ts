import { MyKeyError } from '../../errors.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import { freshnessRefusal } from '../../pki/crl/crl-signer.ts';
import { notListed, type PackedEntries, type PackedSerials } from '../format/packed-serials.ts';
import {
  mayBeDecimal,
  parseSerials,
  rowState,
  type ParsedSerials,
  type SerialFormat,
} from './parse-serials.ts';
import { countMalformed, type MalformedSerials } from './malformed-serials.ts';
import type { UnknownReason } from '../../pki/revocation/revocation-status.ts';
import type { Generation, ListScope, StoredLists } from './stored-lists.ts';

/** Port: `StoredLists` with a lookup that creates no object per serial number. */
export interface BulkLists extends Pick<StoredLists, 'current'> {
  lookupPacked(generation: Generation, serials: PackedSerials): Promise<PackedEntries>;
}

export interface BulkRequest {
  /** Trust anchor id, or issuer key id. */
  readonly issuer: string;
  /** Values that are not serial numbers are reported as malformed rows. */
  readonly serials: readonly unknown[];
  /** Undefined: hex, if enough serial numbers contain a digit a–f. */
  readonly serialFormat?: SerialFormat | undefined;
}

/** The result, from one generation. Rows have the order of the request's serial numbers. */
export interface BulkVerdict {
  readonly issuerKeyId: string;
  readonly checkedAt: number;
  readonly rows: ParsedSerials;
  /** By packed position (`rows.packedRow`). */
  readonly entries: PackedEntries;
  /** The CRL that was used. With `why` it proves nothing, and every sound row is unknown. */
  readonly generation: Generation | undefined;
  readonly why: UnknownReason | undefined;
  readonly counts: BulkCounts;
  /** Why rows are malformed. */
  readonly malformed: readonly MalformedSerials[];
}

export interface BulkCounts {
  readonly total: number;
  readonly good: number;
  readonly revoked: number;
  readonly unknown: number;
  readonly malformed: number;
  readonly duplicate: number;
}

/**
 * Looks up many serial numbers of one issuer key in its full CRL. Absence proves good only if that CRL is
 * current; otherwise every sound row is unknown. Throws `issuer-unknown`, `serials-ambiguous`,
 * `dependency-unavailable`.
 */
export async function bulkCheck(
  request: BulkRequest,
  lists: BulkLists,
  rules: Pick<TrustProfile, 'anchors' | 'clockSkewMs' | 'crlMaxAgeMs'>,
  now: number,
): Promise<BulkVerdict> {
  const scope = fullScopeOf(request.issuer, rules);
  const rows = parseSerials(request.serials, request.serialFormat);
  if (request.serialFormat === undefined && mayBeDecimal(rows.packed.count, rows.letters)) {
    throw new MyKeyError(
      'serials-ambiguous',
      'give serialFormat, hex or decimal: hardly any serial number has a digit a–f',
    );
  }
  const generation = await lists.current(scope);
  const why = generation ? staleness(generation, rules, now) : 'no-applicable-crl';
  const entries =
    generation && !why
      ? await lists.lookupPacked(generation, rows.packed)
      : notListed(rows.packed.count);
  return {
    issuerKeyId: scope.issuerKeyId,
    checkedAt: now,
    rows,
    entries,
    generation,
    why,
    counts: countRows(rows, entries, why),
    malformed: countMalformed(request.serials, rows),
  };
}

function fullScopeOf(issuer: string, rules: Pick<TrustProfile, 'anchors'>): ListScope {
  const wanted = issuer.toLowerCase();
  for (const { id, certificate } of rules.anchors) {
    const issuerKeyId = issuerKeyIdOf(certificate);
    if (id === issuer || issuerKeyId === wanted) return { issuerKeyId, scope: 'full' };
  }
  throw new MyKeyError('issuer-unknown', 'no trust anchor has this id or key id');
}

/** Reason why the CRL is not current under the policy; undefined if it is current. */
export function staleness(
  generation: Generation,
  rules: Pick<TrustProfile, 'clockSkewMs' | 'crlMaxAgeMs'>,
  now: number,
): UnknownReason | undefined {
  const { clockSkewMs, crlMaxAgeMs } = rules;
  return freshnessRefusal(generation, { now, clockSkewMs, maximumAgeMs: crlMaxAgeMs });
}

function countRows(
  rows: ParsedSerials,
  entries: PackedEntries,
  why: UnknownReason | undefined,
): BulkCounts {
  let revoked = 0;
  if (!why) {
    for (let n = 0; n < rows.packed.count; n++) if (!Number.isNaN(entries.seconds[n])) revoked++;
  }
  let malformed = 0;
  let duplicate = 0;
  for (const state of rows.states) {
    if (state === rowState.malformed) malformed++;
    else if (state === rowState.duplicate) duplicate++;
  }
  const sound = rows.packed.count;
  return {
    total: rows.states.length,
    good: why ? 0 : sound - revoked,
    revoked,
    unknown: why ? sound : 0,
    malformed,
    duplicate,
  };
}
