import type { Certificate } from '../x509/certificate.ts';
import { anchorName, type PathAnchor } from './path-input.ts';

/**
 * The certificates that names lead to from the leaf upwards. What else was offered (every authority that
 * there is, say) costs one comparison of names, and the search does not see it.
 */
export function intermediatesAbove(
  leaf: Certificate,
  offered: readonly Certificate[],
): readonly Certificate[] {
  if (offered.length < 2) return offered;
  const bySubject = Map.groupBy(offered, ({ subject }) => subject.canonical);
  const names = new Set([leaf.issuer.canonical]);
  // The set's own order is that of arrival: breadth first.
  for (const name of names) {
    for (const { issuer } of bySubject.get(name) ?? []) names.add(issuer.canonical);
  }
  return offered.filter(({ subject }) => names.has(subject.canonical));
}

/** Undefined for a certificate from which no anchor can be reached. */
export type DistanceToAnchor = (certificate: Certificate) => number | undefined;

/**
 * How many certificates lie between each certificate and the nearest anchor, by names alone; undefined
 * where none can be reached. Cross-certificates among authorities that no anchor certifies multiply into
 * factorially many dead ends, which this leaves out beforehand; among those that an anchor does certify,
 * the shortest way is tried first.
 */
export function distancesToAnchors(
  intermediates: readonly Certificate[],
  anchors: readonly PathAnchor[],
): DistanceToAnchor {
  if (intermediates.length < 2) return () => 0;
  const distances = new Map(anchors.map((anchor) => [anchorName(anchor).canonical, 0]));
  const byIssuer = Map.groupBy(intermediates, ({ issuer }) => issuer.canonical);
  for (const [name, distance] of distances) {
    for (const { subject } of byIssuer.get(name) ?? []) {
      if (!distances.has(subject.canonical)) distances.set(subject.canonical, distance + 1);
    }
  }
  return ({ issuer }) => distances.get(issuer.canonical);
}
