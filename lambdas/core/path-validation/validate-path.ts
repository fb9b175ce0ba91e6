import { type ErrorCode, MyKeyError } from '../errors.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { SubjectPublicKey } from '../x509/public-key.ts';
import { buildPath } from './build-path.ts';
import { intermediatesAbove } from './name-graph.ts';
import { defaultBudgets, type PathAnchor, type PathInput } from './path-input.ts';

export type { PathAnchor, PathBudgets, PathInput } from './path-input.ts';

export type PathResult<Anchor extends PathAnchor = PathAnchor> = ValidPath<Anchor> | RefusedPath;

export interface ValidPath<Anchor extends PathAnchor = PathAnchor> {
  readonly valid: true;
  /** Leaf first; the trust anchor is not among them. */
  readonly path: readonly Certificate[];
  readonly anchor: Anchor;
  /** Keys of the path's certificates, in the same order, DSA parameters inherited. */
  readonly keys: readonly SubjectPublicKey[];
  /** Sorted OIDs; empty where no policy is left (and none was required). */
  readonly userConstrainedPolicySet: readonly string[];
}

export interface RefusedPath {
  readonly valid: false;
  readonly code: ErrorCode;
  /** The check that refused, by its stable id, and the clause that it applies. */
  readonly check: string;
  readonly clause: string;
  /** In `path`: leaf 0, its issuer 1, …; the path's length for the trust anchor. */
  readonly certificateIndex: number;
  /** Leaf first, as far as the refusal concerns it. */
  readonly path: readonly Certificate[];
}

/**
 * Is there a certification path from a trust anchor to the leaf (RFC 5280 §6.1)? Never throws for
 * anything that the certificates hold: every refusal is a result with its code, check and clause.
 */
export function validatePath<Anchor extends PathAnchor>(
  input: PathInput<Anchor>,
): PathResult<Anchor> {
  const budgets = { ...defaultBudgets, ...input.budgets };
  const { leaf, intermediates: offered = [] } = input;
  if (leaf.der.length + bytesOf(offered) > budgets.inputBytes) return tooComplex(input);
  const intermediates = intermediatesAbove(leaf, offered);
  if (intermediates.length > budgets.certificates) return tooComplex(input);
  try {
    const built = buildPath({ ...input, intermediates }, budgets);
    if ('anchor' in built) {
      const { keys, userConstrainedPolicySet } = built.verdict;
      const { path, anchor } = built;
      return { valid: true, path, anchor, keys, userConstrainedPolicySet };
    }
    const { failure, certificateIndex } = built.verdict;
    const { code, check, clause } = failure;
    return { valid: false, code, check, clause, certificateIndex, path: built.path };
  } catch (error) {
    if (error instanceof MyKeyError && error.code === 'certificate-path-too-complex') {
      return tooComplex(input);
    }
    throw error;
  }
}

const bytesOf = (certificates: readonly Certificate[]): number =>
  certificates.reduce((sum, { der }) => sum + der.length, 0);

const tooComplex = ({ leaf }: PathInput): RefusedPath => ({
  valid: false,
  code: 'certificate-path-too-complex',
  check: 'path-building',
  clause: 'RFC 4158 §7',
  certificateIndex: 0,
  path: [leaf],
});
