import { lengthPrefixed } from './length-prefixed.ts';

/**
 * The MAC input of a PPID: version, domain, sector, subject. It must never change; a new derivation
 * needs a new version.
 */
export const ppidMessage = (sectorId: string, subjectId: string): Uint8Array =>
  Buffer.concat([Buffer.of(1), lengthPrefixed('my-key-platform/ppid', sectorId, subjectId)]);

/** 160 bits of the MAC in lower-case base32: 32 characters that can be read aloud. */
export const ppidOfMac = (mac: Uint8Array): string => base32(mac.subarray(0, 20));

/** The form of a PPID. */
export const ppidForm = /^[a-z2-7]{32}$/;

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
