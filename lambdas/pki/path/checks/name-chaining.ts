import { sameName } from '../../x509/name.ts';
import type { PathCheck } from '../path-check.ts';

/** "The certificate issuer name is the working_issuer_name." */
export const nameChaining: PathCheck = {
  id: 'name-chaining',
  clause: 'RFC 5280 §6.1.3 (a) (4), §7.1',
  scope: 'path',
  check: ({ certificate, state }) =>
    sameName(certificate.issuer, state.workingIssuerName) ? undefined : 'certificate-path-invalid',
};
