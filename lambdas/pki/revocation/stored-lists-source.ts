import { freshnessRefusal } from '../crl/crl-signer.ts';
import type { CertificateName } from '../x509/cert-id.ts';
import type { Certificate } from '../x509/certificate.ts';
import { DerError } from '../x509/der.ts';
import { type DistributionPointName, distributionPointsOf } from '../x509/distribution-point.ts';
import { basicConstraintsOf } from '../x509/extensions.ts';
import { issuerKeyIdOf } from '../x509/issuer-key-id.ts';
import { toLatin1 } from '../x509/octets.ts';
import { RecentlyUsed } from '../x509/recently-used.ts';
import type { RevocationPolicy } from './revocation-policy.ts';
import type { ListSource, RevocationFinding, RevocationQuestion } from './revocation-source.ts';
import type { RevocationAttempt, RevocationEvidence, UnknownReason } from './revocation-status.ts';
import {
  scopeOfDistributionPoint,
  type Generation,
  type RevokedEntry,
  type StoredLists,
} from './stored-lists.ts';

/**
 * The source "stored lists": CRLs of the certificate's distribution points and the full CRL of its issuer
 * key. Signatures were verified at ingestion; here scope and freshness are checked. The newest current
 * generation decides, and only that generation can prove absence.
 */
export const storedListSource = (lists: StoredLists): ListSource => ({
  name: 'stored-lists',
  ask: (question, { policy }) => {
    const { certificate } = question;
    const asked = { scopes: () => scopesOf(certificate), isExcludedBy: excluding(certificate) };
    return readStoredLists(lists, question, policy, asked);
  },
});

/** A certificate of which only the name is known, and where one knows it the scope of its partial list. */
export interface ListedName extends CertificateName {
  /** `scope` of the CRL of its distribution point. */
  readonly listScope?: string | undefined;
}

/**
 * The same for a certificate whose distribution points nobody has read: the CRL of the given scope, and
 * the full one. It is taken to be an end-entity certificate, as no CA certificate is asked about by name.
 */
export const storedListsOfName = (
  lists: Pick<StoredLists, 'current' | 'lookup'>,
): ListSource<ListedName> => ({
  name: 'stored-lists',
  ask: (question, { policy }) => {
    const { listScope } = question.certificate;
    const scopes = [...(listScope === undefined ? [] : [listScope]), 'full'];
    return readStoredLists(lists, question, policy, {
      scopes: () => scopes,
      isExcludedBy: () => false,
    });
  },
});

interface AskedOfLists {
  /** Throws `DerError`. */
  readonly scopes: () => readonly string[];
  readonly isExcludedBy: (generation: Generation) => boolean;
}

async function readStoredLists(
  lists: Pick<StoredLists, 'current' | 'lookup'>,
  { certificate, issuer, now }: RevocationQuestion<CertificateName>,
  policy: RevocationPolicy,
  { scopes, isExcludedBy }: AskedOfLists,
): Promise<RevocationFinding> {
  const attempts: RevocationAttempt[] = [];
  let failure: UnknownReason = 'no-applicable-crl';
  const refuse = (source: string, why: UnknownReason, evidence?: RevocationEvidence): void => {
    failure = why;
    attempts.push({ method: 'crl', source, outcome: why, ...(evidence && { evidence }) });
  };
  const { clockSkewMs, crlMaxAgeMs: maximumAgeMs } = policy;
  try {
    const issuerKeyId = issuerKeyIdOf(issuer);
    const asked = scopes().map((scope) => lists.current({ issuerKeyId, scope }));
    for (const generation of newestFirst(await Promise.all(asked))) {
      const evidence = evidenceOf(generation);
      const stale = freshnessRefusal(generation, { now, clockSkewMs, maximumAgeMs });
      if (stale) {
        refuse(generation.sourceId, stale, evidence);
        continue;
      }
      const [entry] = await lists.lookup(generation, [certificate.serial]);
      if (!entry && isExcludedBy(generation)) {
        refuse(generation.sourceId, 'no-applicable-crl', evidence);
        continue;
      }
      attempts.push(attemptOf(generation, entry, evidence));
      return { status: statusOf(entry, evidence), attempts };
    }
  } catch (error) {
    if (error instanceof DerError) refuse('stored-lists', 'no-applicable-crl');
    else if (isUnavailable(error)) refuse('stored-lists', 'crl-store-unavailable');
    else throw error;
  }
  return { status: { status: 'unknown', why: failure }, attempts };
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'dependency-unavailable';

/**
 * RFC 5280 §5.2.5: a CRL with onlyContainsUserCerts excludes CA certificates and certificates of versions
 * 1 and 2, so absence from it does not prove them good. A generation without the recorded flag is treated
 * the same.
 */
const excluding =
  (certificate: Certificate) =>
  ({ onlyUserCertificates = true }: Generation): boolean =>
    onlyUserCertificates &&
    (certificate.version < 3 || (basicConstraintsOf(certificate)?.isCa ?? false));

/** The current generations among the found ones, newest thisUpdate first. */
const newestFirst = (found: readonly (Generation | undefined)[]): readonly Generation[] =>
  found
    .filter((generation) => generation !== undefined)
    .sort((a, b) => b.thisUpdate - a.thisUpdate);

/** Distribution points with reasons or cRLIssuer are left out: no CRL is stored for those. */
function scopesOf(certificate: Certificate): readonly string[] {
  const scopes: string[] = [];
  for (const { name, reasons, crlIssuer } of distributionPointsOf(certificate) ?? []) {
    if (name && reasons === undefined && !crlIssuer) {
      const scope = scopeOf(name);
      if (!scopes.includes(scope)) scopes.push(scope);
    }
  }
  scopes.push('full');
  return scopes;
}

/** Scopes by DER of the name: about 2,000 distribution points (one for each municipality) of a few hundred octets. */
const knownScopes = new RecentlyUsed<string>(1024);

function scopeOf({ der }: DistributionPointName): string {
  const octets = toLatin1(der);
  const known = knownScopes.get(octets);
  if (known !== undefined) return known;
  const scope = scopeOfDistributionPoint(der);
  knownScopes.set(octets, scope);
  return scope;
}

function statusOf(
  entry: RevokedEntry | undefined,
  evidence: RevocationEvidence,
): RevocationFinding['status'] {
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

const evidenceOf = (generation: Generation): RevocationEvidence => ({
  method: 'crl',
  source: generation.sourceId,
  thisUpdate: generation.thisUpdate,
  nextUpdate: generation.nextUpdate,
  crlNumber: generation.crlNumber,
});
