import { PkiError } from '../pki-error.ts';
import type { Certificate } from '../x509/certificate.ts';
import { sameName } from '../x509/name.ts';
import type { SubjectPublicKey } from '../x509/public-key.ts';
import type { CheckFailure, PathCheck, PathStep } from './path-check.ts';
import { authorityChecks, finalChecks } from './checks-in-order.ts';
import type { PathAnchor, PathInput } from './path-input.ts';
import { initialState } from './path-state.ts';
import type { SignatureMemory } from './signature-memory.ts';
import { takeTrustAnchor } from './trust-anchor.ts';
import type { WorkLeft } from './work-left.ts';

/** Result of RFC 5280 §6.1 for one path. */
export type PathVerdict =
  | {
      readonly valid: true;
      /** Sorted OIDs, in the trust anchor's domain. */
      readonly userConstrainedPolicySet: readonly string[];
      /** Keys of the path's certificates, leaf first, DSA parameters inherited. */
      readonly keys: readonly SubjectPublicKey[];
    }
  | {
      readonly valid: false;
      readonly failure: CheckFailure;
      /** Leaf 0, its issuer 1, …; the path's length for the trust anchor. */
      readonly certificateIndex: number;
    };

/**
 * Runs the checks in order along one path, from the anchor's side to the leaf. `path` is leaf first.
 * Throws only `certificate-path-too-complex`.
 */
export function walkPath(
  path: readonly Certificate[],
  anchor: PathAnchor,
  input: PathInput,
  signatures: SignatureMemory,
  work: WorkLeft,
): PathVerdict {
  const state = initialState(path, anchor, input, signatures, work);
  const anchorFailure = takeTrustAnchor(anchor, {
    isFinal: false,
    isSelfIssued: false,
    input,
    state,
  });
  if (anchorFailure !== undefined) {
    return { valid: false, failure: anchorFailure, certificateIndex: path.length };
  }
  for (let index = path.length - 1; index >= 0; index--) {
    const certificate = path[index]!;
    const isFinal = index === 0;
    const isSelfIssued = !isFinal && sameName(certificate.subject, certificate.issuer);
    const step: PathStep = { certificate, isFinal, isSelfIssued, input, state };
    for (const check of isFinal ? finalChecks : authorityChecks) {
      const failure = run(check, step);
      if (failure !== undefined) return { valid: false, failure, certificateIndex: index };
    }
  }
  return {
    valid: true,
    userConstrainedPolicySet: state.userConstrainedPolicySet,
    keys: state.keys.toReversed(),
  };
}

function run(check: PathCheck, step: PathStep): CheckFailure | undefined {
  try {
    const code = check.check(step);
    if (code === undefined) return undefined;
    return { code, check: check.id, clause: check.clause, scope: check.scope };
  } catch (error) {
    // A decoder error is reported under the check that decoded the extension.
    if (!(error instanceof PkiError) || error.code === 'certificate-path-too-complex') throw error;
    const { code, message: detail } = error;
    return { code, check: check.id, clause: check.clause, scope: 'certificate', detail };
  }
}
