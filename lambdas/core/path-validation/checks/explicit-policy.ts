import { anyPolicy, policyConstraintsOf } from '../../x509/certificate-policies.ts';
import type { PathCheck } from '../path-check.ts';

/** Wrap-up: where a policy was required, one that the caller accepts must be left. */
export const explicitPolicy: PathCheck = {
  id: 'explicit-policy',
  clause: 'RFC 5280 §6.1.5 (a), (b), (g)',
  scope: 'path',
  check({ certificate, input, state }) {
    const counter = Math.max(0, state.explicitPolicy - 1);
    const required = counter === 0 || policyConstraintsOf(certificate)?.requireExplicitPolicy === 0;
    if (!required) return undefined;
    const accepted = input.userInitialPolicySet ?? [anyPolicy];
    const left = state.policyGraph?.userConstrainedPolicies(accepted) ?? [];
    return left.length > 0 ? undefined : 'certificate-policy-unacceptable';
  },
};
