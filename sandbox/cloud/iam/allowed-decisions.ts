import type { Need } from './authorize.ts';
import type { Grant } from './policy-document.ts';
import type { Principal } from './principals.ts';

/** Objects of a bucket are resources of their own: their number has no limit. */
const keptPerPrincipal = 1_000;

/** Decisions that allowed an action, with the grants that did, under policies that do not change. */
export class AllowedDecisions {
  readonly #ofRoles = new WeakMap<readonly Grant[], Map<string, readonly Grant[]>>();
  readonly #ofServices = new Map<string, readonly Grant[]>();

  /** `decide` throws unless it allows the action; only what it returns is kept. */
  of(principal: Principal, need: Need, decide: () => readonly Grant[]): readonly Grant[] {
    const decisions = this.#decisionsOf(principal);
    const key = JSON.stringify([nameOf(principal), need.action, need.resource, need.context]);
    const known = decisions.get(key);
    if (known !== undefined) return known;
    const grants = decide();
    if (decisions.size >= keptPerPrincipal) decisions.clear();
    decisions.set(key, grants);
    return grants;
  }

  /** Two principals of the same name can have different grants: a role is known by its own. */
  #decisionsOf(principal: Principal): Map<string, readonly Grant[]> {
    if (principal.kind === 'service') return this.#ofServices;
    let decisions = this.#ofRoles.get(principal.grants);
    if (decisions === undefined) {
      decisions = new Map();
      this.#ofRoles.set(principal.grants, decisions);
    }
    return decisions;
  }
}

const nameOf = (principal: Principal): readonly string[] =>
  principal.kind === 'service'
    ? [principal.service, principal.sourceArn]
    : [principal.roleArn, principal.sessionArn];
