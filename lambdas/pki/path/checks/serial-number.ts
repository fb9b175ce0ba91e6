import type { PathCheck } from '../path-check.ts';

/**
 * "CAs MUST NOT use serialNumber values longer than 20 octets"; zero is refused as well. Negative numbers
 * are "gracefully handled" (PKITS §4.4.14) and refused only under `issuanceRules`.
 */
export const serialNumber: PathCheck = {
  id: 'serial-number',
  clause: 'RFC 5280 §4.1.2.2',
  scope: 'certificate',
  check({ certificate: { serial }, input }) {
    const isZero = serial.length === 1 && serial[0] === 0;
    const isNegative = serial[0]! >= 0x80;
    // DER adds a zero octet to a positive number whose top bit is set.
    const octets = serial.length - (serial[0] === 0 ? 1 : 0);
    if (isZero || octets > 20 || (isNegative && input.issuanceRules))
      return 'certificate-malformed';
    return undefined;
  },
};
