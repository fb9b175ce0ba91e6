import type { Certificate } from '../x509/certificate.ts';
import {
  authorityKeyIdentifierOf,
  basicConstraintsOf,
  subjectKeyIdentifierOf,
} from '../x509/extensions.ts';
import { type DistinguishedName, sameName } from '../x509/name.ts';
import { sameBytes } from '../x509/octets.ts';
import type { SubjectPublicKey } from '../x509/public-key.ts';
import { validityRefusal } from './checks/validity.ts';
import type { DistanceToAnchor } from './name-graph.ts';
import { anchorKey, anchorName, type PathAnchor, type PathInput } from './path-input.ts';

/** A possible issuer: a trust anchor, which completes the path, or another certificate. */
export type IssuerCandidate<Anchor> =
  | { readonly anchor: Anchor; readonly key: SubjectPublicKey; readonly rank: number }
  | { readonly certificate: Certificate; readonly key: SubjectPublicKey; readonly rank: number };

/**
 * How names are compared: by octets, which finds the issuer of nearly every certificate, or after string
 * preparation (RFC 5280 §7.1), which finds the others at a higher cost.
 */
export type NameComparison = 'octets' | 'prepared';
export const nameComparisons: readonly NameComparison[] = ['octets', 'prepared'];

/**
 * Every anchor and certificate whose subject equals the issuer name under one comparison, the likeliest
 * first; `prepared` omits those that `octets` finds. Order: matching key identifier (generations of a CA
 * share one name), anchors before certificates, certificates that are in force and a CA's before others,
 * shorter distance to an anchor. Key identifiers affect the order only (RFC 4158 §3.5). An anchor with the
 * matching key identifier, which issued nearly every card, is given before the others are looked at.
 */
export function* issuerCandidates<Anchor extends PathAnchor>(
  subject: Certificate,
  input: PathInput<Anchor>,
  comparison: NameComparison,
  distanceToAnchor: DistanceToAnchor,
): Generator<IssuerCandidate<Anchor>, void, undefined> {
  const isIssuer = comparison === 'octets' ? equalByOctets : equalOnlyWhenPrepared;
  const wanted = keyIdentifierOf(subject);
  const others: IssuerCandidate<Anchor>[] = [];
  for (const anchor of input.anchors) {
    if (!isIssuer(anchorName(anchor), subject.issuer)) continue;
    const found = 'certificate' in anchor ? keyIdentifierIn(anchor.certificate) : undefined;
    const rank = rankOf(wanted, found);
    const candidate = { anchor, key: anchorKey(anchor), rank };
    if (rank === 0) yield candidate;
    else others.push(candidate);
  }
  for (const certificate of input.intermediates ?? []) {
    if (!isIssuer(certificate.subject, subject.issuer)) continue;
    const distance = distanceToAnchor(certificate);
    if (distance === undefined) continue;
    const rank = rankOf(wanted, keyIdentifierIn(certificate));
    const penalty = looksUsable(certificate, input.time) ? 1 : 2;
    others.push({ certificate, key: certificate, rank: rank + penalty + distance / 1e6 });
  }
  yield* others.length < 2 ? others : others.sort((a, b) => a.rank - b.rank);
}

const equalByOctets = (a: DistinguishedName, b: DistinguishedName): boolean =>
  a === b || sameBytes(a.der, b.der);

const equalOnlyWhenPrepared = (a: DistinguishedName, b: DistinguishedName): boolean =>
  !sameBytes(a.der, b.der) && sameName(a, b);

/** 0 for equal key identifiers, 10 if one is absent, 20 if they differ. */
function rankOf(wanted: Uint8Array | undefined, found: Uint8Array | undefined): number {
  if (wanted === undefined || found === undefined) return 10;
  return sameBytes(wanted, found) ? 0 : 20;
}

// Malformed extensions are ignored here; path validation refuses them later.
const keyIdentifierOf = (certificate: Certificate): Uint8Array | undefined =>
  orUndefined(() => authorityKeyIdentifierOf(certificate)?.keyIdentifier);

const keyIdentifierIn = (certificate: Certificate): Uint8Array | undefined =>
  orUndefined(() => subjectKeyIdentifierOf(certificate));

const looksUsable = (certificate: Certificate, time: number): boolean =>
  validityRefusal(certificate, time) === undefined &&
  orUndefined(() => basicConstraintsOf(certificate)?.isCa) === true;

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
