import type { PkiErrorCode } from '../../pki-error.ts';
import type { Certificate } from '../../x509/certificate.ts';
import type { PathCheck } from '../path-check.ts';

/** "The certificate validity period includes the current time." */
export const validity: PathCheck = {
  id: 'validity',
  clause: 'RFC 5280 §6.1.3 (a) (2)',
  scope: 'certificate',
  check: ({ certificate, input }) => validityRefusal(certificate, input.time),
};

/** notBefore and notAfter are inclusive, in whole seconds (RFC 5280 §4.1.2.5). */
export function validityRefusal(certificate: Certificate, time: number): PkiErrorCode | undefined {
  const second = Math.floor(time / 1000) * 1000;
  // The negation also refuses NaN.
  if (!(second >= certificate.notBefore)) return 'certificate-not-yet-valid';
  return second <= certificate.notAfter ? undefined : 'certificate-expired';
}
