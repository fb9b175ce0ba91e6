import { hash } from 'node:crypto';
import { isCodedError } from '../../errors.ts';
import type { TrustProfile } from '../../pki/trust-profile.ts';
import type { Certificate } from '../../pki/x509/certificate.ts';
import { DerError } from '../../pki/x509/der.ts';
import { distributionPointsOf } from '../../pki/x509/distribution-point.ts';
import { basicConstraintsOf } from '../../pki/x509/extensions.ts';
import { issuerKeyIdOf } from '../../pki/x509/issuer-key-id.ts';
import { freshnessRefusal } from '../../pki/crl/crl-signer.ts';
import type { CrlFinding } from '../../pki/crl/find-revocation.ts';
import type {
  RevocationAttempt,
  RevocationEvidence,
  UnknownReason,
} from '../../pki/revocation/revocation-status.ts';
import type { Generation, RevokedEntry, StoredLists } from './stored-lists.ts';

export interface StoredListWorld {
  readonly lists: StoredLists;
  readonly profile: Pick<TrustProfile, 'clockSkewMs' | 'crlMaxAgeMs'>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * The CRL method against ingested lists: those of the certificate's own distribution points, and the
 * full list of its issuer key. What was stored was verified when it came in; here only scope and
 * freshness decide. The newest current generation answers, and only its answer proves absence.
 */
export async function checkStoredLists(
  certificate: Certificate,
  issuer: Certificate,
  world: StoredListWorld,
): Promise<CrlFinding> {
  const attempts: RevocationAttempt[] = [];
  let failure: UnknownReason = 'no-applicable-crl';
  const refuse = (source: string, why: UnknownReason, evidence?: RevocationEvidence): void => {
    failure = why;
    attempts.push({ method: 'crl', source, outcome: why, ...(evidence && { evidence }) });
  };
  try {
    for (const generation of await generationsFor(certificate, issuer, world)) {
      const evidence = evidenceOf(generation);
      const stale = freshnessRefusal(generation, limitsOf(world));
      if (stale) {
        refuse(generation.sourceId, stale, evidence);
        continue;
      }
      const [entry] = await world.lists.lookup(generation, [certificate.serial]);
      if (!entry && isAuthority(certificate)) {
        // A stored list may leave authorities out (onlyContainsUserCerts): it can only accuse them.
        refuse(generation.sourceId, 'no-applicable-crl', evidence);
        continue;
      }
      attempts.push(attemptOf(generation, entry, evidence));
      return { status: statusOf(entry, evidence), attempts };
    }
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const unreadable = error instanceof DerError;
    refuse('stored-lists', unreadable ? 'no-applicable-crl' : 'crl-store-unavailable');
  }
  return { status: { status: 'unknown', why: failure }, attempts };
}

/** Every generation that covers the certificate, newest first. */
async function generationsFor(
  certificate: Certificate,
  issuer: Certificate,
  { lists }: StoredListWorld,
): Promise<readonly Generation[]> {
  const issuerKeyId = issuerKeyIdOf(issuer);
  const found = await Promise.all(
    scopesOf(certificate).map((scope) => lists.current({ issuerKeyId, scope })),
  );
  return found
    .filter((generation) => generation !== undefined)
    .toSorted((a, b) => b.thisUpdate - a.thisUpdate);
}

/** A list stands for a whole point: points of some reasons, or of another signer, have none stored. */
function scopesOf(certificate: Certificate): readonly string[] {
  const points = distributionPointsOf(certificate) ?? [];
  const own = points.flatMap(({ name, reasons, crlIssuer }) =>
    name && reasons === undefined && !crlIssuer ? [hash('sha256', name.der, 'hex')] : [],
  );
  return [...new Set([...own, 'full'])];
}

function statusOf(
  entry: RevokedEntry | undefined,
  evidence: RevocationEvidence,
): CrlFinding['status'] {
  return entry ? { status: 'revoked', ...entry, evidence } : { status: 'good', evidence };
}

const attemptOf = (
  { sourceId }: Generation,
  entry: RevokedEntry | undefined,
  evidence: RevocationEvidence,
): RevocationAttempt => ({
  method: 'crl',
  source: sourceId,
  outcome: entry ? 'revoked' : 'good',
  evidence,
});

const isAuthority = (certificate: Certificate): boolean =>
  basicConstraintsOf(certificate)?.isCa ?? false;

const limitsOf = ({ now, profile }: StoredListWorld) => ({
  now,
  clockSkewMs: profile.clockSkewMs,
  maximumAgeMs: profile.crlMaxAgeMs,
});

const evidenceOf = (generation: Generation): RevocationEvidence => ({
  method: 'crl',
  source: generation.sourceId,
  thisUpdate: generation.thisUpdate,
  nextUpdate: generation.nextUpdate,
  crlNumber: generation.crlNumber,
});
