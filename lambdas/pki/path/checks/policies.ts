import { certificatePoliciesOf } from '../../x509/certificate-policies.ts';
import type { PathCheck } from '../path-check.ts';

/** Adds one level to the valid_policy_graph; without certificatePolicies the graph becomes NULL. */
export const policies: PathCheck = {
  id: 'policies',
  clause: 'RFC 5280 §6.1.3 (d)–(f), RFC 9618 §5.3',
  scope: 'path',
  check({ certificate, isSelfIssued, state }) {
    const named = certificatePoliciesOf(certificate);
    if (named) state.work.spendOnPolicies(named.length + (state.policyGraph?.width ?? 0));
    const acceptsAny = state.inhibitAnyPolicy > 0 || isSelfIssued;
    state.policyGraph = named && state.policyGraph?.descend(named, acceptsAny);
    return state.explicitPolicy > 0 || state.policyGraph !== undefined
      ? undefined
      : 'certificate-policy-unacceptable';
  },
};
