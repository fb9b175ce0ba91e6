import type { PkiErrorCode } from '../pki-error.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { SubjectPublicKey } from '../x509/public-key.ts';
import type { PathAnchor } from './path-input.ts';

export type PathResult<Anchor extends PathAnchor = PathAnchor> =
  | ValidPath<Anchor>
  | RefusedPath<Anchor>;

export interface ValidPath<Anchor extends PathAnchor = PathAnchor> {
  readonly valid: true;
  /** Leaf first, without the trust anchor. */
  readonly path: readonly Certificate[];
  readonly anchor: Anchor;
  /** Keys of the path's certificates, in the same order, DSA parameters inherited. */
  readonly keys: readonly SubjectPublicKey[];
  /** Sorted OIDs; empty if no policy is left and none was required. */
  readonly userConstrainedPolicySet: readonly string[];
}

export interface RefusedPath<Anchor extends PathAnchor = PathAnchor> {
  readonly valid: false;
  readonly code: PkiErrorCode;
  /** Id of the check that failed. */
  readonly check: string;
  readonly clause: string;
  /** Message of the decoder that failed, if that is the reason. */
  readonly detail?: string | undefined;
  /** Index in `path`: leaf 0, its issuer 1, …; the path's length for the trust anchor. */
  readonly certificateIndex: number;
  /** Leaf first, as far as the search came. */
  readonly path: readonly Certificate[];
  /** The trust anchor of the path; undefined if the path was not complete. */
  readonly anchor?: Anchor | undefined;
}

/** The certificate that a refusal is about. */
export const refusedCertificate = ({
  certificateIndex,
  path,
  anchor,
}: RefusedPath<{ readonly certificate: Certificate }>): Certificate =>
  path[certificateIndex] ?? anchor!.certificate;
