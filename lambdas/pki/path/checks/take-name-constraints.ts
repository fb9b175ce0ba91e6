import { nameConstraintsOf } from '../../x509/name-constraints.ts';
import type { PathCheck } from '../path-check.ts';

/** The subtrees that this authority's certificates must keep to join those met before. */
export const takeNameConstraints: PathCheck = {
  id: 'take-name-constraints',
  clause: 'RFC 5280 §6.1.4 (g)',
  scope: 'path',
  check({ certificate, state }) {
    const constraints = nameConstraintsOf(certificate);
    if (constraints?.permitted) state.permittedSubtrees.push(constraints.permitted);
    if (constraints?.excluded) state.excludedSubtrees.push(...constraints.excluded);
    return undefined;
  },
};
