import { hasUnknownPolicyQualifier } from '../../x509/certificate-policies.ts';
import { extensionId } from '../../x509/extensions.ts';
import type { PathCheck } from '../path-check.ts';

/** Extensions that path validation or the revocation check processes. */
const processed: ReadonlySet<string> = new Set(Object.values(extensionId));

/** "A certificate-using system MUST reject the certificate if it encounters a critical extension it does not recognize." */
export const criticalExtensions: PathCheck = {
  id: 'critical-extensions',
  clause: 'RFC 5280 §4.2, §6.1.4 (o), §6.1.5 (f)',
  scope: 'certificate',
  check({ certificate }) {
    for (const { critical, id } of certificate.extensions) {
      if (!critical) continue;
      if (!processed.has(id)) return 'certificate-path-invalid';
      // §4.2.1.4: a critical certificatePolicies with an unknown qualifier is refused.
      if (id === extensionId.certificatePolicies && hasUnknownPolicyQualifier(certificate)) {
        return 'certificate-path-invalid';
      }
    }
    return undefined;
  },
};
