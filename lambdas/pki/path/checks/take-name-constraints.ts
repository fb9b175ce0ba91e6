import { nameConstraintsOf } from '../../x509/name-constraints.ts';
import type { PathCheck } from '../path-check.ts';

/** Adds this CA's name constraints to those of the certificates above it. */
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
