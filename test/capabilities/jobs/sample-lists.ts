import type { BulkLists } from '../../../lambdas/crl-store/lookup/bulk-check.ts';
import { notListed } from '../../../lambdas/crl-store/format/packed-serials.ts';
import type { Generation, StoredLists } from '../../../lambdas/crl-store/lookup/stored-lists.ts';
import type { TrustProfile } from '../../../lambdas/pki/trust-profile.ts';
import { issuerKeyId } from '../../../lambdas/pki/x509/issuer-key-id.ts';

export const now = Date.UTC(2026, 5, 1, 3);
const hour = 3600_000;
export const revokedAt = now - 48 * hour;

const spki = (name: string) => Buffer.from(`key of ${name}`);
export const keyIdOf = (name: string) => issuerKeyId(spki(name));

/** Two authorities; only what jobs read of a profile. */
export const profile = {
  name: 'sandbox',
  anchors: ['auth-2023', 'sign-2023'].map((id) => ({
    id,
    kind: 'user-authentication',
    certificate: { spki: spki(id) },
  })),
  clockSkewMs: 60_000,
  crlMaxAgeMs: 36 * hour,
  kinds: {},
  ocspResponders: [],
} as unknown as TrustProfile;

export function listOf(name: string, change: Partial<Generation> = {}): Generation {
  return {
    issuerKeyId: keyIdOf(name),
    scope: 'full',
    sourceId: `${name}/full`,
    generationId: `${name}-1`,
    crlNumber: '41',
    thisUpdate: now - hour,
    nextUpdate: now + 24 * hour,
    entries: 1,
    bytes: 100,
    ingestedAt: now - hour / 2,
    ...change,
  };
}

/**
 * Lists by generation id: serials in hex, revoked at `revokedAt` for `keyCompromise`, or, where the
 * word follows, for `affiliationChanged`.
 */
export function memoryLists(
  generations: readonly Generation[],
  revoked: Readonly<Record<string, readonly string[]>>,
): BulkLists & Pick<StoredLists, 'all'> {
  return {
    all: () => Promise.resolve(generations),
    async current({ issuerKeyId, scope }) {
      return generations.find((g) => g.issuerKeyId === issuerKeyId && g.scope === scope);
    },
    async lookupPacked({ generationId }, { bytes, starts, count }) {
      const entries = new Map(
        (revoked[generationId] ?? []).map((text) => {
          const [serial, reason] = text.split(' ');
          return [serial, reason === 'affiliationChanged' ? affiliationChanged : keyCompromise];
        }),
      );
      const found = notListed(count);
      for (let n = 0; n < count; n += 1) {
        const serial = Buffer.from(bytes.subarray(starts[n], starts[n + 1])).toString('hex');
        const reason = entries.get(serial);
        if (reason === undefined) continue;
        found.seconds[n] = revokedAt / 1000;
        found.reasons[n] = reason;
      }
      return found;
    },
  };
}

/** CRLReason (RFC 5280 §5.3.1). */
const keyCompromise = 1;
const affiliationChanged = 3;

/** What a chunk by lists needs of responders: nothing. */
export const withoutResponders = {
  ocsp: { ask: () => Promise.reject(new Error('no responder is to be asked')) },
  profile,
  elapsedMs: () => 0,
  pause: () => Promise.reject(new Error('nothing is to be waited for')),
} as const;
