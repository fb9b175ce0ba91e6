import { anyPolicy, policyConstraintsOf } from '../../x509/certificate-policies.ts';
import type { PathCheck } from '../path-check.ts';

/** Wrap-up (explicit_policy counts down once more): where a policy was required, one that the caller accepts must be left. */
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
