import { sameBytes } from '../../x509/octets.ts';
import type { PathCheck } from '../path-check.ts';

/** signatureAlgorithm "MUST contain the same algorithm identifier as the signature field". */
export const signatureAlgorithm: PathCheck = {
  id: 'signature-algorithm',
  clause: 'RFC 5280 §4.1.1.2',
  scope: 'certificate',
  check: ({ certificate: { signatureAlgorithm: outer, tbsSignatureAlgorithm: inner } }) =>
    sameBytes(outer.der, inner.der) ? undefined : 'certificate-malformed',
};
