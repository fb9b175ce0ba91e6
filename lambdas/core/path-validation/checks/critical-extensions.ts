import { extensionId } from '../../x509/extensions.ts';
import type { PathCheck } from '../path-check.ts';

/** Extensions whose rules are applied here or by the caller's revocation check. */
const processed: ReadonlySet<string> = new Set(Object.values(extensionId));

/** "A certificate-using system MUST reject the certificate if it encounters a critical extension it does not recognize." */
export const criticalExtensions: PathCheck = {
  id: 'critical-extensions',
  clause: 'RFC 5280 §4.2, §6.1.4 (o), §6.1.5 (f)',
  scope: 'certificate',
  check({ certificate: { extensions } }) {
    for (const { critical, id } of extensions) {
      if (critical && !processed.has(id)) return 'certificate-path-invalid';
    }
    return undefined;
  },
};
