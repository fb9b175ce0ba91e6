import type { Certificate } from '../x509/certificate.ts';
import type { Subtree } from '../x509/name-constraints.ts';
import type { DistinguishedName } from '../x509/name.ts';
import type { SubjectPublicKey } from '../x509/public-key.ts';
import { anchorKey, anchorName, type PathAnchor, type PathInput } from './path-input.ts';
import { PolicyGraph } from './policy-graph.ts';
import type { SignatureMemory } from './signature-memory.ts';
import type { WorkLeft } from './work-left.ts';

/** The state variables of RFC 5280 §6.1.2. */
export interface PathState {
  policyGraph: PolicyGraph | undefined;
  explicitPolicy: number;
  inhibitAnyPolicy: number;
  policyMapping: number;
  maxPathLength: number;
  workingIssuerName: DistinguishedName;
  workingKey: SubjectPublicKey;
  /**
   * permittedSubtrees of each nameConstraints extension so far. A name must be within each of the sets,
   * which is equivalent to their intersection.
   */
  readonly permittedSubtrees: (readonly Subtree[])[];
  readonly excludedSubtrees: Subtree[];
  readonly work: WorkLeft;
  readonly signatures: SignatureMemory;
  /** Keys of the path's certificates from the anchor's side, with inherited DSA parameters. */
  readonly keys: SubjectPublicKey[];
  /** Set after the last certificate (§6.1.5 (g)). */
  userConstrainedPolicySet: readonly string[];
}

/** Initialisation by RFC 5280 §6.1.2. */
export function initialState(
  path: readonly Certificate[],
  anchor: PathAnchor,
  input: PathInput,
  signatures: SignatureMemory,
  work: WorkLeft,
): PathState {
  const n = path.length;
  const constraints = input.initialNameConstraints;
  return {
    policyGraph: PolicyGraph.initial,
    explicitPolicy: input.initialExplicitPolicy ? 0 : n + 1,
    inhibitAnyPolicy: input.initialAnyPolicyInhibit ? 0 : n + 1,
    policyMapping: input.initialPolicyMappingInhibit ? 0 : n + 1,
    maxPathLength: n,
    workingIssuerName: anchorName(anchor),
    workingKey: anchorKey(anchor),
    permittedSubtrees: constraints?.permitted ? [constraints.permitted] : [],
    excludedSubtrees: constraints?.excluded ? [...constraints.excluded] : [],
    work,
    signatures,
    keys: [],
    userConstrainedPolicySet: [],
  };
}
