import { engineLimits } from '../limits.ts';
import { validityRefusal } from '../path/checks/validity.ts';
import type { Certificate } from '../x509/certificate.ts';
import { octetDigest } from '../x509/octet-digest.ts';
import { sameBytes } from '../x509/octets.ts';
import { RecentlyUsed } from '../x509/recently-used.ts';
import type { ValidationAnchor, ValidationPolicy } from './validate-certificate.ts';

/** Result of path validation for a certificate that a trust anchor issued itself. */
export interface RecentPath {
  readonly anchor: ValidationAnchor;
  /** Sorted OIDs (RFC 5280 §6.1.6). */
  readonly userConstrainedPolicySet: readonly string[];
}

/**
 * Valid paths of one policy, by SHA-256 of the certificate; without certificates. Every rule of RFC 5280
 * §6.1 except §6.1.3 (a)(2), the validity period, depends only on the octets of the certificate and on the
 * policy, so its outcome does not change.
 */
const byPolicy = new WeakMap<ValidationPolicy, RecentPaths>();

interface RecentPaths {
  /** The anchors whose key no other anchor of the policy has. */
  readonly singleAnchors: ReadonlySet<ValidationAnchor>;
  readonly paths: RecentlyUsed<RecentPath>;
  /** The path kept last: most cards share one anchor and policy set, and then also this object. */
  last: RecentPath;
}

/**
 * The path that was found for the same octets under the same policy object, if its certificates are in
 * force at `time` (ms since 1970). Undefined: the path must be validated. Revocation, kind and possession
 * are not part of the result.
 */
export function recentPath(
  leaf: Certificate,
  policy: ValidationPolicy,
  time: number,
): RecentPath | undefined {
  const path = byPolicy.get(policy)?.paths.get(octetDigest(leaf));
  if (path === undefined) return undefined;
  const isInForce =
    validityRefusal(leaf, time) === undefined &&
    validityRefusal(path.anchor.certificate, time) === undefined;
  return isInForce ? path : undefined;
}

/**
 * Keeps a valid path of anchor and leaf. A path is not kept if another anchor has the same key: which of
 * the two is found first may depend on the time.
 */
export function keepPath(leaf: Certificate, policy: ValidationPolicy, path: RecentPath): void {
  let recent = byPolicy.get(policy);
  if (recent === undefined) {
    const singleAnchors = new Set(policy.anchors.filter((one) => hasOwnKey(one, policy)));
    recent = { singleAnchors, paths: new RecentlyUsed(engineLimits.recentPaths), last: path };
    byPolicy.set(policy, recent);
  }
  if (!recent.singleAnchors.has(path.anchor)) return;
  if (!isSamePath(recent.last, path)) recent.last = path;
  recent.paths.set(octetDigest(leaf), recent.last);
}

const hasOwnKey = (anchor: ValidationAnchor, { anchors }: ValidationPolicy): boolean =>
  anchors.every(
    (other) => other === anchor || !sameBytes(other.certificate.spki, anchor.certificate.spki),
  );

const isSamePath = (a: RecentPath, b: RecentPath): boolean =>
  a.anchor === b.anchor &&
  a.userConstrainedPolicySet.length === b.userConstrainedPolicySet.length &&
  a.userConstrainedPolicySet.every((id, index) => id === b.userConstrainedPolicySet[index]);
