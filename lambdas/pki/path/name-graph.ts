import type { Certificate } from '../x509/certificate.ts';
import { anchorName, type PathAnchor } from './path-input.ts';

/**
 * The offered certificates that can be reached from the leaf by issuer names. The caller may offer many
 * unrelated CA certificates; the search does not see those.
 */
export function intermediatesAbove(
  leaf: Certificate,
  offered: readonly Certificate[],
): readonly Certificate[] {
  if (offered.length < 2) return offered;
  const bySubject = Map.groupBy(offered, ({ subject }) => subject.canonical);
  const names = new Set([leaf.issuer.canonical]);
  // A Set iterates in order of insertion, also over names added meanwhile: breadth first.
  for (const name of names) {
    for (const { issuer } of bySubject.get(name) ?? []) names.add(issuer.canonical);
  }
  return offered.filter(({ subject }) => names.has(subject.canonical));
}

/** Undefined for a certificate from which no anchor can be reached. */
export type DistanceToAnchor = (certificate: Certificate) => number | undefined;

/**
 * Number of certificates between each certificate and the nearest anchor, by names alone; undefined if no
 * anchor can be reached. It removes cross-certificates that lead to no anchor, which would add factorially
 * many paths, and it lets the search try the shortest path first.
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
