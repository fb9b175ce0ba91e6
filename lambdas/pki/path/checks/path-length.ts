import { basicConstraintsOf } from '../../x509/extensions.ts';
import type { PathCheck } from '../path-check.ts';

/** max_path_length: self-issued certificates do not count. */
export const pathLength: PathCheck = {
  id: 'path-length',
  clause: 'RFC 5280 §6.1.4 (l), (m)',
  scope: 'path',
  check({ certificate, isSelfIssued, state }) {
    if (!isSelfIssued) {
      if (state.maxPathLength <= 0) return 'certificate-path-invalid';
      state.maxPathLength--;
    }
    const limit = basicConstraintsOf(certificate)?.pathLength ?? Infinity;
    state.maxPathLength = Math.min(state.maxPathLength, limit);
    return undefined;
  },
};
