import { mapsAnyPolicy, policyMappingsOf } from '../../x509/certificate-policies.ts';
import type { PathCheck } from '../path-check.ts';

/** Maps issuer-domain policies to subject-domain policies; a mapping from or to anyPolicy is refused. */
export const policyMapping: PathCheck = {
  id: 'policy-mapping',
  clause: 'RFC 5280 §6.1.4 (a), (b), RFC 9618 §5.4',
  scope: 'path',
  check({ certificate, state }) {
    const mappings = policyMappingsOf(certificate);
    if (mappings === undefined) return undefined;
    state.work.spendOnPolicies(mappings.length + (state.policyGraph?.width ?? 0));
    if (mapsAnyPolicy(mappings)) return 'certificate-path-invalid';
    const equivalents = new Map<string, Set<string>>();
    for (const { issuerDomainPolicy, subjectDomainPolicy } of mappings) {
      const known = equivalents.get(issuerDomainPolicy);
      if (known === undefined) equivalents.set(issuerDomainPolicy, new Set([subjectDomainPolicy]));
      else known.add(subjectDomainPolicy);
    }
    state.policyGraph = state.policyGraph?.map(equivalents, state.policyMapping > 0);
    return undefined;
  },
};
