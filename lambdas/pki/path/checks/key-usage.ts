import { allowsKeyUsage } from '../../x509/extensions.ts';
import type { PathCheck } from '../path-check.ts';

/** "If a key usage extension is present, verify that the keyCertSign bit is set." */
export const keyUsage: PathCheck = {
  id: 'key-usage',
  clause: 'RFC 5280 §6.1.4 (n)',
  scope: 'certificate',
  check: ({ certificate }) =>
    allowsKeyUsage(certificate, 'keyCertSign') ? undefined : 'certificate-path-invalid',
};
