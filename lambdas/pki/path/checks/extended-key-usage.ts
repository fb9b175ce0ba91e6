import { extendedKeyUsageOf } from '../../x509/extensions.ts';
import type { PathCheck } from '../path-check.ts';

const anyExtendedKeyUsage = '2.5.29.37.0';

/**
 * Where the caller needs a purpose, whoever names purposes must name it: the leaf by the clause, the
 * authorities on the way as every large verifier reads it (docs/divergences.md).
 */
export const extendedKeyUsage: PathCheck = {
  id: 'extended-key-usage',
  clause: 'RFC 5280 §4.2.1.12',
  scope: 'certificate',
  check({ certificate, input: { requiredEku } }) {
    if (requiredEku === undefined) return undefined;
    const named = extendedKeyUsageOf(certificate);
    if (named === undefined) return undefined;
    return named.includes(requiredEku) || named.includes(anyExtendedKeyUsage)
      ? undefined
      : 'certificate-path-invalid';
  },
};
