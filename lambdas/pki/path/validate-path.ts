import { PkiError } from '../pki-error.ts';
import type { Certificate } from '../x509/certificate.ts';
import { buildPath } from './build-path.ts';
import { intermediatesAbove } from './name-graph.ts';
import { defaultBudgets } from '../limits.ts';
import type { PathAnchor, PathInput } from './path-input.ts';
import type { PathResult, RefusedPath } from './path-result.ts';

export type { PathAnchor, PathBudgets, PathInput } from './path-input.ts';
export type { PathResult, RefusedPath, ValidPath } from './path-result.ts';
export { refusedCertificate } from './path-result.ts';

/**
 * Finds and validates a certification path from a trust anchor to the leaf (RFC 5280 §6.1). It never
 * throws because of the certificates' content: a refusal is a result with code, check and clause.
 */
export function validatePath<Anchor extends PathAnchor>(
  input: PathInput<Anchor>,
): PathResult<Anchor> {
  const budgets = input.budgets ? { ...defaultBudgets, ...input.budgets } : defaultBudgets;
  const { leaf, intermediates: offered = [] } = input;
  if (leaf.der.length + bytesOf(offered) > budgets.inputBytes) return tooComplex(input);
  const intermediates = intermediatesAbove(leaf, offered);
  if (intermediates.length > budgets.certificates) return tooComplex(input);
  try {
    const isWhole = intermediates === offered;
    return buildPath(isWhole ? input : { ...input, intermediates }, budgets);
  } catch (error) {
    if (error instanceof PkiError && error.code === 'certificate-path-too-complex') {
      return tooComplex(input);
    }
    throw error;
  }
}

const bytesOf = (certificates: readonly Certificate[]): number =>
  certificates.reduce((sum, { der }) => sum + der.length, 0);

const tooComplex = ({ leaf }: PathInput): RefusedPath<never> => ({
  valid: false,
  code: 'certificate-path-too-complex',
  check: 'path-building',
  clause: 'RFC 4158 §7',
  certificateIndex: 0,
  path: [leaf],
});
