import type { Generation, StoredLists } from '../../../lambdas/core/revocation/stored-lists.ts';
import type { TrustProfile } from '../../../lambdas/core/trust-profile.ts';
import { issuerKeyId } from '../../../lambdas/core/x509/issuer-key-id.ts';

export const now = Date.UTC(2026, 5, 1, 3);
const hour = 3600_000;

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

/** Lists by generation id: serial in hex to date. Everything is revoked for `keyCompromise`. */
export function memoryLists(
  generations: readonly Generation[],
  revoked: Readonly<Record<string, readonly string[]>>,
): StoredLists {
  return {
    async current({ issuerKeyId, scope }) {
      return generations.find((g) => g.issuerKeyId === issuerKeyId && g.scope === scope);
    },
    async all() {
      return generations;
    },
    async lookup({ generationId }, serials) {
      const entries = new Set(revoked[generationId]);
      return serials.map((serial) =>
        entries.has(Buffer.from(serial).toString('hex'))
          ? { revokedAt: now - 48 * hour, reason: 'keyCompromise' as const }
          : undefined,
      );
    },
  };
}
