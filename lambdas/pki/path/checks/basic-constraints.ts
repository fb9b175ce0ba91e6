import { basicConstraintsOf } from '../../x509/extensions.ts';
import type { PathCheck } from '../path-check.ts';

/**
 * "Verify that the basicConstraints extension is present and that cA is set to TRUE." Versions 1 and
 * 2 carry no extensions; no out-of-band means stands in for them here, so they certify nobody.
 */
export const basicConstraints: PathCheck = {
  id: 'basic-constraints',
  clause: 'RFC 5280 §6.1.4 (k)',
  scope: 'certificate',
  check: ({ certificate }) =>
    basicConstraintsOf(certificate)?.isCa ? undefined : 'certificate-path-invalid',
};
