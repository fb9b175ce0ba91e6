import { basicConstraintsOf } from '../../x509/extensions.ts';
import type { PathCheck } from '../path-check.ts';

/**
 * "Verify that the basicConstraints extension is present and that cA is set to TRUE." Certificates of
 * versions 1 and 2 have no extensions. The clause allows out-of-band means for them; this engine has
 * none, so they fail.
 */
export const basicConstraints: PathCheck = {
  id: 'basic-constraints',
  clause: 'RFC 5280 §6.1.4 (k)',
  scope: 'certificate',
  check: ({ certificate }) =>
    basicConstraintsOf(certificate)?.isCa ? undefined : 'certificate-path-invalid',
};
