import { extendedKeyUsageOf } from '../../x509/extensions.ts';
import type { PathCheck } from '../path-check.ts';

const anyExtendedKeyUsage = '2.5.29.37.0';

/**
 * If the caller requires a purpose, every certificate with an extendedKeyUsage must contain it: the leaf
 * by §4.2.1.12, CA certificates as browsers and OpenSSL require it (docs/divergences.md).
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
