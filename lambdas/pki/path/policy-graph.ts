import { anyPolicy } from '../x509/certificate-policies.ts';

interface PolicyNode {
  readonly policy: string;
  readonly expected: ReadonlySet<string>;
  /** Parent nodes on the level above; empty for the root. */
  readonly parents: readonly PolicyNode[];
}

interface Descent {
  readonly policies: readonly string[];
  readonly acceptsAny: boolean;
  readonly graph: PolicyGraph | undefined;
}

interface Constrained {
  readonly userInitial: readonly string[];
  readonly policies: readonly string[];
}

/**
 * valid_policy_graph of RFC 9618: one node per policy and level, so that its size is linear in the policies
 * of the certificates. An empty level makes the graph NULL (here: undefined). Nodes without a child are
 * not pruned: the result is computed from the last level upwards and does not reach them.
 */
export class PolicyGraph {
  private readonly level: ReadonlyMap<string, PolicyNode>;
  /** The level above, with the parent of nodes that a mapping from anyPolicy adds. */
  private readonly previous: ReadonlyMap<string, PolicyNode>;
  /** Caches of the last results: certificates of one CA assert the same policies. */
  private lastDescent: Descent | undefined;
  private lastConstrained: Constrained | undefined;

  private constructor(
    level: ReadonlyMap<string, PolicyNode>,
    previous: ReadonlyMap<string, PolicyNode>,
  ) {
    this.level = level;
    this.previous = previous;
  }

  /** Number of nodes on the last level, which bounds the cost of the next one. */
  get width(): number {
    return this.level.size;
  }

  /** RFC 5280 §6.1.2 (a): one node, anyPolicy. */
  static readonly initial = new PolicyGraph(
    new Map([[anyPolicy, { policy: anyPolicy, expected: new Set([anyPolicy]), parents: [] }]]),
    new Map(),
  );

  /** RFC 9618 §5.3 (RFC 5280 §6.1.3 (d)). `acceptsAny`: anyPolicy in this certificate is not inhibited. */
  descend(policies: readonly string[], acceptsAny: boolean): PolicyGraph | undefined {
    const last = this.lastDescent;
    if (last?.policies === policies && last.acceptsAny === acceptsAny) return last.graph;
    const graph = this.descended(policies, acceptsAny);
    this.lastDescent = { policies, acceptsAny, graph };
    return graph;
  }

  private descended(policies: readonly string[], acceptsAny: boolean): PolicyGraph | undefined {
    const parentsByExpected = this.parentsByExpectedPolicy();
    const anyParent = this.level.get(anyPolicy);
    const next = new Map<string, PolicyNode>();
    const add = (policy: string, parents: readonly PolicyNode[]): void => {
      next.set(policy, { policy, expected: new Set([policy]), parents });
    };
    let namesAny = false;
    for (const policy of policies) {
      if (policy === anyPolicy) {
        namesAny = true;
        continue;
      }
      const parents = parentsByExpected.get(policy) ?? (anyParent && [anyParent]);
      if (parents !== undefined) add(policy, parents);
    }
    if (namesAny && acceptsAny) {
      for (const [policy, parents] of parentsByExpected) {
        if (!next.has(policy)) add(policy, parents);
      }
    }
    return next.size === 0 ? undefined : new PolicyGraph(next, this.level);
  }

  /**
   * RFC 9618 §5.4 (RFC 5280 §6.1.4 (b)). `equivalents`: subject-domain policies by issuer-domain
   * policy; `allowed`: mapping is not inhibited.
   */
  map(
    equivalents: ReadonlyMap<string, ReadonlySet<string>>,
    allowed: boolean,
  ): PolicyGraph | undefined {
    const level = new Map(this.level);
    const anyParent = this.previous.get(anyPolicy);
    for (const [policy, expected] of equivalents) {
      const node = level.get(policy);
      if (!allowed) level.delete(policy);
      else if (node !== undefined) level.set(policy, { ...node, expected });
      else if (level.has(anyPolicy) && anyParent !== undefined) {
        level.set(policy, { policy, expected, parents: [anyParent] });
      }
    }
    return level.size === 0 ? undefined : new PolicyGraph(level, this.previous);
  }

  /** RFC 9618 §5.5 (RFC 5280 §6.1.5 (g)): the user-constrained-policy-set, sorted. */
  userConstrainedPolicies(userInitial: readonly string[]): readonly string[] {
    if (this.lastConstrained?.userInitial === userInitial) return this.lastConstrained.policies;
    const policies = this.constrainedPolicies(userInitial);
    this.lastConstrained = { userInitial, policies };
    return policies;
  }

  private constrainedPolicies(userInitial: readonly string[]): readonly string[] {
    const authority = this.authorityConstrainedPolicies();
    if (userInitial.includes(anyPolicy)) return [...authority].sort();
    const user = [...new Set(userInitial)];
    return (authority.has(anyPolicy) ? user : user.filter((id) => authority.has(id))).sort();
  }

  /** authority-constrained-policy-set: children of anyPolicy nodes with a descendant on the last level. */
  private authorityConstrainedPolicies(): ReadonlySet<string> {
    const found = new Set<string>();
    const seen = new Set<PolicyNode>();
    const waiting = [...this.level.values()];
    if (this.level.has(anyPolicy)) found.add(anyPolicy);
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      for (const parent of node.parents) {
        if (node.policy !== anyPolicy && parent.policy === anyPolicy) found.add(node.policy);
        waiting.push(parent);
      }
    }
    return found;
  }

  private parentsByExpectedPolicy(): ReadonlyMap<string, readonly PolicyNode[]> {
    const parents = new Map<string, PolicyNode[]>();
    for (const node of this.level.values()) {
      for (const policy of node.expected) {
        const known = parents.get(policy);
        if (known === undefined) parents.set(policy, [node]);
        else known.push(node);
      }
    }
    return parents;
  }
}
