import { lengthPrefixed } from './length-prefixed.ts';

/**
 * What is MACed for a PPID: version, domain, sector, subject. Nothing here may ever change: a new
 * rule is a new version beside it.
 */
export const ppidMessage = (sectorId: string, subjectId: string): Uint8Array =>
  Buffer.concat([Buffer.of(1), lengthPrefixed('my-key-platform/ppid', sectorId, subjectId)]);

/** 160 bits of the MAC in base32, lower case: 32 characters that people can read to one another. */
export const ppidOfMac = (mac: Uint8Array): string => base32(mac.subarray(0, 20));

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 §6, lower case; 20 octets need no padding. */
function base32(octets: Uint8Array): string {
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const octet of octets) {
    buffer = (buffer << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(buffer >> bits) & 31]!;
    }
    buffer &= (1 << bits) - 1;
  }
  return text;
}
