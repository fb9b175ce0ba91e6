import { PkiError } from '../pki-error.ts';
import type { Certificate } from '../x509/certificate.ts';
import { sameName } from '../x509/name.ts';
import { sameBytes } from '../x509/octets.ts';
import type { SubjectPublicKey } from '../x509/public-key.ts';
import { walkPath } from './walk-path.ts';
import { lacksParameters } from './checks/working-key.ts';
import { issuerCandidates, type NameComparison, nameComparisons } from './issuer-candidates.ts';
import { type DistanceToAnchor, distancesToAnchors } from './name-graph.ts';
import type { CheckFailure } from './path-check.ts';
import type { PathAnchor, PathBudgets, PathInput } from './path-input.ts';
import type { PathResult, RefusedPath, ValidPath } from './path-result.ts';
import { SignatureMemory } from './signature-memory.ts';
import { WorkLeft } from './work-left.ts';

/**
 * Returns the first valid path, or the most specific refusal.
 *
 * The search goes depth first from the leaf towards the anchors and follows only valid signatures. Each
 * complete path is checked by RFC 5280 §6.1; the first valid one is returned. Skipped are certificates
 * that failed a check of scope `certificate`, that led to no anchor before, or from which no anchor can be
 * reached by names. Throws `certificate-path-too-complex` when a budget is spent.
 */
export function buildPath<Anchor extends PathAnchor>(
  input: PathInput<Anchor>,
  budgets: PathBudgets,
): PathResult<Anchor> {
  return new PathSearch(input, budgets).run();
}

const untrusted = {
  code: 'certificate-issuer-untrusted',
  check: 'path-building',
  clause: 'RFC 5280 §6.1, RFC 4158 §2',
} as const;

/** Signature results over all issuer candidates of one certificate. */
interface SignatureSeen {
  held?: boolean;
  /** The first failure. */
  refusal?: CheckFailure;
}

class PathSearch<Anchor extends PathAnchor> {
  private readonly input: PathInput<Anchor>;
  private readonly budgets: PathBudgets;
  private readonly signatures: SignatureMemory;
  private readonly distanceToAnchor: DistanceToAnchor;
  private readonly deadEnds = new Set<Certificate>();
  private readonly work: WorkLeft;
  private candidatePathsLeft: number;
  private stepsLeft: number;
  /** Number of branches abandoned for a reason that another path may not have (loop, depth, path check). */
  private abandonedBranches = 0;
  private tooDeep = false;
  private failed: RefusedPath<Anchor> | undefined;
  private failedRank = 0;

  constructor(input: PathInput<Anchor>, budgets: PathBudgets) {
    this.input = input;
    this.budgets = budgets;
    this.signatures = new SignatureMemory(input.algorithms, budgets.signatureChecks);
    this.work = new WorkLeft(budgets.comparisons);
    this.candidatePathsLeft = budgets.candidatePaths;
    this.stepsLeft = budgets.steps;
    this.distanceToAnchor = distancesToAnchors(input.intermediates ?? [], input.anchors);
  }

  run(): PathResult<Anchor> {
    const found = this.extend([this.input.leaf]);
    if (found !== undefined) return found;
    if (this.tooDeep && this.failedRank < 3) {
      throw new PkiError('certificate-path-too-complex', 'the path is too long');
    }
    return (
      this.failed ?? { valid: false, ...untrusted, certificateIndex: 0, path: [this.input.leaf] }
    );
  }

  private extend(path: readonly Certificate[]): ValidPath<Anchor> | undefined {
    if (this.stepsLeft-- <= 0) {
      throw new PkiError('certificate-path-too-complex', 'too many partial paths');
    }
    const abandonedBefore = this.abandonedBranches;
    const found = this.extendByNames(path);
    // No branch was abandoned because of this path, so the certificate leads to no anchor on any path.
    if (found === undefined && this.abandonedBranches === abandonedBefore)
      this.deadEnds.add(path.at(-1)!);
    return found;
  }

  private extendByNames(path: readonly Certificate[]): ValidPath<Anchor> | undefined {
    const signature: SignatureSeen = {};
    for (const comparison of nameComparisons) {
      const found = this.extendBy(comparison, path, signature);
      if (found !== undefined || this.hasDeadEnd(path)) return found;
    }
    // Report a signature failure only if no candidate with the issuer's name verified it.
    if (signature.refusal !== undefined && !signature.held) {
      this.remember(path, 2, path.length - 1, signature.refusal);
    }
    return undefined;
  }

  private extendBy(
    comparison: NameComparison,
    path: readonly Certificate[],
    signature: SignatureSeen,
  ): ValidPath<Anchor> | undefined {
    const subject = path.at(-1)!;
    const candidates = issuerCandidates(subject, this.input, comparison, this.distanceToAnchor);
    for (const candidate of candidates) {
      const anchor = 'anchor' in candidate ? candidate.anchor : undefined;
      const certificate = 'certificate' in candidate ? candidate.certificate : undefined;
      if (certificate !== undefined) {
        if (this.deadEnds.has(certificate)) continue;
        if (repeats(path, certificate)) {
          this.abandonedBranches++;
          continue;
        }
        if (path.length > this.budgets.intermediates) {
          this.tooDeep = true;
          this.abandonedBranches++;
          continue;
        }
      }
      if (!this.isSignedBy(path, candidate.key, signature)) continue;
      const found =
        anchor === undefined ? this.extend([...path, certificate!]) : this.complete(path, anchor);
      if (found !== undefined) return found;
      if (this.hasDeadEnd(path)) return undefined;
    }
    return undefined;
  }

  /** A deeper step may have marked a certificate of this path as a dead end. */
  private hasDeadEnd(path: readonly Certificate[]): boolean {
    return this.deadEnds.size > 0 && path.some((one) => this.deadEnds.has(one));
  }

  private isSignedBy(
    path: readonly Certificate[],
    key: SubjectPublicKey,
    signature: SignatureSeen,
  ): boolean {
    // A DSA key without parameters inherits them along the path; the signature check verifies it later.
    const outcome = lacksParameters(key) ? 'ok' : this.signatures.verify(path.at(-1)!, key);
    if (outcome === 'ok') return (signature.held = true);
    signature.refusal ??= {
      code: outcome,
      check: 'signature',
      clause: 'RFC 5280 §6.1.3 (a) (1)',
      scope: 'path',
    };
    return false;
  }

  private complete(path: readonly Certificate[], anchor: Anchor): ValidPath<Anchor> | undefined {
    if (this.candidatePathsLeft-- <= 0) {
      throw new PkiError('certificate-path-too-complex', 'too many candidate paths');
    }
    const verdict = walkPath(path, anchor, this.input, this.signatures, this.work);
    if (verdict.valid) {
      const { keys, userConstrainedPolicySet } = verdict;
      return { valid: true, path, anchor, keys, userConstrainedPolicySet };
    }
    this.abandonedBranches++;
    const { failure, certificateIndex } = verdict;
    if (failure.scope === 'certificate') this.deadEnds.add(path[certificateIndex]!);
    this.remember(path, 3, certificateIndex, failure, anchor);
    return undefined;
  }

  /** Keeps the first refusal of the highest rank: 3 on a complete path, 2 at a signature. */
  private remember(
    path: readonly Certificate[],
    rank: number,
    certificateIndex: number,
    { code, check, clause, detail }: CheckFailure,
    anchor?: Anchor,
  ): void {
    if (rank <= this.failedRank) return;
    this.failedRank = rank;
    this.failed = { valid: false, code, check, clause, detail, certificateIndex, path, anchor };
  }
}

/** RFC 4158 §2.4.2: a repeated subject and key is a loop. */
const repeats = (path: readonly Certificate[], certificate: Certificate): boolean =>
  path.some(
    (one) => sameBytes(one.spki, certificate.spki) && sameName(one.subject, certificate.subject),
  );
