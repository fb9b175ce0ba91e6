import { inhibitAnyPolicyOf, policyConstraintsOf } from '../../x509/certificate-policies.ts';
import type { PathCheck } from '../path-check.ts';

/** Decrements explicit_policy, policy_mapping and inhibit_anyPolicy, and applies the extensions that lower them. */
export const policyCounters: PathCheck = {
  id: 'policy-counters',
  clause: 'RFC 5280 §6.1.4 (h)–(j)',
  scope: 'path',
  check({ certificate, isSelfIssued, state }) {
    if (!isSelfIssued) {
      state.explicitPolicy = Math.max(0, state.explicitPolicy - 1);
      state.policyMapping = Math.max(0, state.policyMapping - 1);
      state.inhibitAnyPolicy = Math.max(0, state.inhibitAnyPolicy - 1);
    }
    const constraints = policyConstraintsOf(certificate);
    state.explicitPolicy = Math.min(
      state.explicitPolicy,
      constraints?.requireExplicitPolicy ?? Infinity,
    );
    state.policyMapping = Math.min(
      state.policyMapping,
      constraints?.inhibitPolicyMapping ?? Infinity,
    );
    state.inhibitAnyPolicy = Math.min(
      state.inhibitAnyPolicy,
      inhibitAnyPolicyOf(certificate) ?? Infinity,
    );
    return undefined;
  },
};
