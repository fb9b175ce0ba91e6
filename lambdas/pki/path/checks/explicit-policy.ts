import { anyPolicy, policyConstraintsOf } from '../../x509/certificate-policies.ts';
import type { PathCheck } from '../path-check.ts';

/**
 * Wrap-up: if a policy is required, the user-constrained-policy-set must not be empty. `<= 1` below,
 * because §6.1.5 (a) decrements explicit_policy once more.
 */
export const explicitPolicy: PathCheck = {
  id: 'explicit-policy',
  clause: 'RFC 5280 §6.1.5 (a), (b), (g)',
  scope: 'path',
  check({ certificate, input, state }) {
    const accepted = input.userInitialPolicySet ?? [anyPolicy];
    const left = state.policyGraph?.userConstrainedPolicies(accepted) ?? [];
    state.userConstrainedPolicySet = left;
    const isRequired =
      state.explicitPolicy <= 1 || policyConstraintsOf(certificate)?.requireExplicitPolicy === 0;
    return isRequired && left.length === 0 ? 'certificate-policy-unacceptable' : undefined;
  },
};
