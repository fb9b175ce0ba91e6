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

/** Who may have issued a certificate: a trust anchor ends the path, a certificate goes on. */
export type IssuerCandidate<Anchor> =
  | { readonly anchor: Anchor; readonly key: SubjectPublicKey; readonly rank: number }
  | { readonly certificate: Certificate; readonly key: SubjectPublicKey; readonly rank: number };

/**
 * How names are compared: octet by octet, which finds the issuer of nearly every certificate, or in
 * their prepared form, which finds the rest and costs string preparation of every name.
 */
export type NameComparison = 'octets' | 'prepared';
export const nameComparisons: readonly NameComparison[] = ['octets', 'prepared'];

/**
 * Every certificate and anchor whose subject is the issuer's name under one comparison (those that
 * `octets` finds are left out of `prepared`), the likeliest first: by key identifier (several
 * generations of an authority share one name), anchors before certificates, those that look usable
 * before those that do not, those nearer to an anchor before those further away. Order is all that key
 * identifiers decide (RFC 4158 §3.5): the signature decides the rest.
 */
export function issuerCandidates<Anchor extends PathAnchor>(
  subject: Certificate,
  input: PathInput<Anchor>,
  comparison: NameComparison,
  distanceToAnchor: DistanceToAnchor,
): readonly IssuerCandidate<Anchor>[] {
  const isIssuer = comparison === 'octets' ? alikeByOctets : alikeOtherwise;
  const wanted = keyIdentifierOf(subject);
  const candidates: IssuerCandidate<Anchor>[] = [];
  for (const anchor of input.anchors) {
    if (!isIssuer(anchorName(anchor), subject.issuer)) continue;
    const found = 'certificate' in anchor ? keyIdentifierIn(anchor.certificate) : undefined;
    candidates.push({ anchor, key: anchorKey(anchor), rank: rankOf(wanted, found) });
  }
  for (const certificate of input.intermediates ?? []) {
    if (!isIssuer(certificate.subject, subject.issuer)) continue;
    const distance = distanceToAnchor(certificate);
    if (distance === undefined) continue;
    const rank = rankOf(wanted, keyIdentifierIn(certificate));
    const penalty = looksUsable(certificate, input.time) ? 1 : 2;
    candidates.push({ certificate, key: certificate, rank: rank + penalty + distance / 1e6 });
  }
  return candidates.length < 2 ? candidates : candidates.sort((a, b) => a.rank - b.rank);
}

const alikeByOctets = (a: DistinguishedName, b: DistinguishedName): boolean =>
  sameBytes(a.der, b.der);

const alikeOtherwise = (a: DistinguishedName, b: DistinguishedName): boolean =>
  !sameBytes(a.der, b.der) && sameName(a, b);

/** 0 for the same identifier, 10 where one does not say, 20 where they differ. */
function rankOf(wanted: Uint8Array | undefined, found: Uint8Array | undefined): number {
  if (wanted === undefined || found === undefined) return 10;
  return sameBytes(wanted, found) ? 0 : 20;
}

// A malformed extension is the checks' to refuse; here it says nothing.
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
