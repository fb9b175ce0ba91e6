import type { PathCheck } from '../path-check.ts';

/**
 * "CAs MUST NOT use serialNumber values longer than 20 octets", and not zero. Negative numbers are
 * "gracefully handled", as PKITS §4.4.14 wants; under issuance rules they too are refused.
 */
export const serialNumber: PathCheck = {
  id: 'serial-number',
  clause: 'RFC 5280 §4.1.2.2',
  scope: 'certificate',
  check({ certificate: { serial }, input }) {
    const isZero = serial.length === 1 && serial[0] === 0;
    const isNegative = serial[0]! >= 0x80;
    // A positive number whose top bit is set takes one more octet in DER.
    const octets = serial.length - (serial[0] === 0 ? 1 : 0);
    if (isZero || octets > 20 || (isNegative && input.issuanceRules))
      return 'certificate-malformed';
    return undefined;
  },
};
