import { randomBytes, sign } from 'node:crypto';
import type { Generation, StoredLists } from '../../lambdas/crl-store/lookup/stored-lists.ts';
import { parseTrustProfile } from '../../lambdas/platform/trust-profile-json.ts';
import type { TrustProfile } from '../../lambdas/pki/trust-profile.ts';
import {
  type Authority,
  createAuthority,
  generatePrivateKey,
  signerOf,
} from '../../sandbox/jlis/authority.ts';
import { generations, kinds } from '../../sandbox/jlis/generations.ts';
import { issueLeaf } from '../../sandbox/jlis/leaf-certificate.ts';
import { municipalities } from '../../sandbox/jlis/municipalities.ts';
import { inventPerson } from '../../sandbox/jlis/person.ts';
import { trustProfileJson } from '../../sandbox/jlis/trust-profile.ts';
import { spkiOf, type Signer } from '../../sandbox/pki/signing.ts';

/** A card in the benchmark: its certificate, and its signature over one challenge. */
export interface BenchmarkCard {
  readonly certificate: Buffer;
  readonly signer: Signer;
  readonly signature: Buffer;
}

export interface BenchmarkMaterial {
  readonly now: number;
  readonly challenge: Buffer;
  readonly issuer: Authority;
  readonly cards: readonly BenchmarkCard[];
  readonly profile: TrustProfile;
  readonly lists: StoredLists;
}

/**
 * All generations of both authorities, and cards of the current RSA-2048 generation. Card `n` has
 * key `n % keys`: generating a key for each would take minutes.
 */
export async function benchmarkMaterial(count: number, keys: number): Promise<BenchmarkMaterial> {
  const now = Date.parse('2026-04-01T00:00:00Z');
  const wanted = kinds.flatMap((kind) => generations.map((generation) => ({ kind, generation })));
  const authorities = await Promise.all(
    wanted.map(async ({ kind, generation }) =>
      createAuthority(kind, generation, await generatePrivateKey(generation.keyType)),
    ),
  );
  const issuer = authorities.find(({ id }) => id === 'user-authentication-2023')!;
  const challenge = randomBytes(32);
  const signers = await Promise.all(
    Array.from({ length: keys }, async () =>
      signerOf(await generatePrivateKey('rsa-2048'), 'rsa-2048'),
    ),
  );
  const signatures = signers.map(({ privateKey }) => sign('sha256', challenge, privateKey));
  const cards = await Promise.all(
    Array.from({ length: count }, async (_, index): Promise<BenchmarkCard> => {
      const signer = signers[index % keys]!;
      const signature = signatures[index % keys]!;
      return { certificate: await issueCard(issuer, index, now, signer), signer, signature };
    }),
  );
  const profile = parseTrustProfile(trustProfileJson(authorities, 'http://127.0.0.1', now));
  return { now, challenge, issuer, cards, profile, lists: listsInMemory(issuer, now) };
}

const issueCard = (
  issuer: Authority,
  index: number,
  now: number,
  signer: Signer,
): Promise<Buffer> =>
  issueLeaf(issuer, {
    serial: 100_000_000 + index,
    spki: spkiOf(signer),
    person: inventPerson(index, {}),
    municipality: municipalities[0]!,
    notBefore: now - 86_400_000,
    notAfter: now + 5 * 365 * 86_400_000,
  });

/** One current full list that contains none of these cards. */
function listsInMemory(issuer: Authority, now: number): StoredLists {
  const generation: Generation = {
    issuerKeyId: issuer.keyId,
    scope: 'full',
    sourceId: `${issuer.id}/full`,
    generationId: '1',
    crlNumber: '1',
    thisUpdate: now - 3_600_000,
    nextUpdate: now + 86_400_000,
    entries: 0,
    bytes: 0,
    ingestedAt: now,
  };
  const revoked = new Map<string, never>();
  return {
    current: (scope) =>
      Promise.resolve(
        scope.scope === 'full' && scope.issuerKeyId === issuer.keyId ? generation : undefined,
      ),
    all: () => Promise.resolve([generation]),
    lookup: (_, serials) =>
      Promise.resolve(serials.map((serial) => revoked.get(Buffer.from(serial).toString('hex')))),
  };
}
